"""What the card form in a browser asks: a token for a card, the bank's question.

It stands for the Web Payments SDK, which talks to hosts of Square's own in a way that is not documented; so the shape
is ours (``docs/simulator/square.md``), and what comes of it is Square's: one-time tokens, refusals, verification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.square import registry
from harness.simulator.square.account import SquareAccount
from harness.simulator.square.registry import JSON
from harness.simulator.square.routes.links import PAGES
from harness.simulator.square.state import cards
from harness.simulator.square.state.objects import CHALLENGES, LOCATIONS, TOKENS, Card, Challenge, Token

if TYPE_CHECKING:
    from harness.simulator.square.app import SquareApp

TOKENIZE, CHALLENGE = "/web/tokenize", "/web/challenges/"
_CORS = [(b"access-control-allow-origin", b"*")]


@registry.page
def tokenize(provider: SquareApp, request: Request) -> Answer | None:
    """``POST /web/tokenize``: the card form was submitted."""
    if request.path != TOKENIZE:
        return None
    if request.method != "POST":
        return _json({"status": "Error", "errors": [_problem("Only POST is known here.")]}, 405)
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("card"), dict):
        return _json({"status": "Error", "errors": [_problem("A JSON object with a card is expected.")]}, 400)
    account = provider.merchants.get(str(body.get("application_id", "")))
    if account is None:
        return _json({"status": "Error", "errors": [_problem("There is no such application.", "InvalidApplicationId")]})
    if body.get("location_id") not in {None, account.main_location_id} and not _known(account, body["location_id"]):
        return _json({"status": "Error", "errors": [_problem("There is no such location.", "InvalidLocationId")]})
    account.catch_up()
    host = request.header(b"host")
    if host:
        account.base_url = f"http://{host}"
    form = body["card"]
    card = cards.typed(account, form)
    if isinstance(card, list):
        return _json({"status": "Invalid", "errors": card})
    asked = body.get("verification")
    verification = asked if isinstance(asked, dict) else None
    stores = verification is not None and str(verification.get("intent", "")).endswith("STORE")
    if verification is not None and cards.challenged(card, account):
        question = cards.challenge(account, card, form, stores=stores)
        url = f"{account.base_url}{CHALLENGE}{question.id}/page"
        return _json({"status": "CHALLENGE", "challenge": {"id": question.id, "url": url}})
    return _token(cards.tokenize(account, card, form, verified=verification is not None, stores=stores))


@registry.page
def challenge(provider: SquareApp, request: Request) -> Answer | None:
    """``/web/challenges/{id}``: what came of it; ``/page``: where the buyer answers."""
    if not request.path.startswith(CHALLENGE):
        return None
    id_, _, rest = request.path.removeprefix(CHALLENGE).partition("/")
    held = ((one, found) for one in provider.accounts.values() if (found := one.of(CHALLENGES).get(id_)) is not None)
    account, asked = next(held, (None, None))
    if account is None or asked is None:
        return _json({"status": "Error", "errors": [_problem("There is no such challenge.")]}, 404)
    if not rest:
        return _outcome(account, asked)
    if request.method != "POST":
        return _page(asked, None)
    form = {name: values[-1] for name, values in parse_qs(request.body.decode("latin-1")).items()}
    cancels = form.get("action") == "cancel"
    done = cards.answer(account, asked, None if cancels else form.get("code", ""))
    if not done.over:
        return _page(done, "That code is wrong.", 400)
    words = "You went away; nothing was confirmed." if done.token is None else "Thank you. The shop goes on now."
    return PAGES.html(200, "closed.html", title="Go back to the shop", text=words, link=None)


def _outcome(account: SquareAccount, asked: Challenge) -> Answer:
    if not asked.over:
        return _json({"status": "PENDING"})
    found = account.of(TOKENS).get(asked.token) if asked.token is not None else None
    return _json({"status": "Cancel"}) if found is None else _token(found)


def _page(asked: Challenge, message: str | None, status: int = 200) -> Answer:
    brand = asked.card.brand.replace("_", " ").title()
    return PAGES.html(status, "challenge.html", brand=brand, last4=asked.card.last4, message=message)


def _token(made: Token) -> Answer:
    return _json({"status": "OK", "token": made.id, "details": {"method": "Card", "card": _shown(made.card)}})


def _shown(card: Card) -> dict[str, Any]:
    return {"brand": card.brand, "last4": card.last4, "exp_month": card.exp_month, "exp_year": card.exp_year}


def _known(account: SquareAccount, location: object) -> bool:
    return account.of(LOCATIONS).get(str(location)) is not None


def _problem(message: str, kind: str = "VALIDATION_ERROR") -> dict[str, str]:
    return {"type": kind, "message": message}


def _json(body: dict[str, Any], status: int = 200) -> Answer:
    return Answer(status, orjson.dumps(body), [JSON, *_CORS])
