"""Cards: what the form takes, tokens for one use, cards on file.

A number is looked at when it comes and never kept: what stays are its brand, six and four of its digits, and a keyed
fingerprint. Source: Square, "Sandbox payments".
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import tomllib
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from msgspec.structs import replace

from harness.simulator.square import formats
from harness.simulator.square.account import SquareAccount
from harness.simulator.square.errors import PAYMENT_METHOD, SquareError, error, invalid
from harness.simulator.square.events import emit
from harness.simulator.square.state.objects import (
    CARDS,
    CHALLENGES,
    CUSTOMERS,
    TOKENS,
    Card,
    Challenge,
    FiledCard,
    Token,
)
from harness.simulator.square.wire import cards as wire

CODE = "123456"
"""What the buyer answers the bank."""
_BAD_CVV, _BAD_POSTAL, _BAD_EXPIRY = "911", "99999", (1, 2040)
_POSTAL_CURRENCIES = frozenset({"USD", "CAD", "GBP"})


@functools.cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("harness.simulator.square").joinpath("data/cards.toml").read_text())


def source(id_: str) -> dict[str, Any] | None:
    """What the sandbox does with a fixed test source; None for another one."""
    found: dict[str, Any] | None = _data()["sources"].get(id_)
    return found


def detail(code: str) -> str:
    """The sentence of a refusal."""
    return str(_data()["details"].get(code, f"Authorization error: '{code}'"))


def sample(account: SquareAccount, brand: str, decline: str | None = None) -> Card:
    """The card behind a fixed test source."""
    number = {"VISA": "4111111111111111", "SQUARE_GIFT_CARD": "7783320000000000"}[brand]
    return _card(account, number, {"brand": brand}, 11, 2030, decline=decline)


# ---- the browser's card form ---------------------------------------------------------------------


def typed(account: SquareAccount, form: dict[str, Any]) -> Card | list[dict[str, str]]:
    """The card that was typed into the form, or what is wrong with it.

    Only the sandbox's numbers are taken: a real card is refused there.
    """
    number = re.sub(r"[ -]", "", str(form.get("number", "")))
    known = _data()["numbers"].get(number)
    wrong: list[dict[str, str]] = []
    if not re.fullmatch(r"[0-9]{12,19}", number) or known is None:
        wrong.append(_problem("cardNumber", "Credit card number is not valid"))
    month, year = _whole(form.get("exp_month")), _whole(form.get("exp_year"))
    year += 2000 if 0 <= year < 100 else 0  # noqa: PLR2004 - two digits of a year
    today = datetime.fromtimestamp(account.clock.now(), UTC)
    if not 1 <= month <= 12 or (year, month) < (today.year, today.month):  # noqa: PLR2004 - months
        wrong.append(_problem("expirationDate", "Expiration date is not valid"))
    cvv = str(form.get("cvv", ""))
    long = known is not None and known["brand"] == "AMERICAN_EXPRESS"
    if not re.fullmatch(r"[0-9]{4}" if long else r"[0-9]{3}", cvv):
        wrong.append(_problem("cvv", "CVV is not valid"))
    postal = str(form.get("postal_code") or "")
    if not postal and account.currency in _POSTAL_CURRENCIES:
        wrong.append(_problem("postalCode", "Postal code is not valid"))
    if wrong or known is None:
        return wrong
    decline = known.get("decline")
    if cvv == _BAD_CVV:
        decline = "CVV_FAILURE"
    elif postal == _BAD_POSTAL:
        decline = "ADDRESS_VERIFICATION_FAILURE"
    elif (month, year) == _BAD_EXPIRY:
        decline = "INVALID_EXPIRATION"
    return _card(account, number, known, month, year, decline=decline)


def challenged(number_card: Card, account: SquareAccount) -> bool:
    """Whether the bank asks the buyer about a card."""
    return number_card.strong and account.settings.buyer_verification


def tokenize(account: SquareAccount, card: Card, form: dict[str, Any], *, verified: bool, stores: bool) -> Token:
    """A token for one use."""
    made = Token(
        id=f"cnon:CA4SE{account.ids.spelled(formats.TOKEN, 29)}",
        created=account.now(),
        card=card,
        verified=verified,
        stores=stores and not card.unverified,
        postal_code=form.get("postal_code") or None,
        name=form.get("name") or None,
    )
    return account.of(TOKENS).add(made)


def challenge(account: SquareAccount, card: Card, form: dict[str, Any], *, stores: bool) -> Challenge:
    """Ask the buyer."""
    made = Challenge(
        id=f"chlg_{account.ids.text(24)}",
        created=account.now(),
        card=card,
        stores=stores,
        postal_code=form.get("postal_code") or None,
        name=form.get("name") or None,
    )
    return account.of(CHALLENGES).add(made)


def answer(account: SquareAccount, asked: Challenge, code: str | None) -> Challenge:
    """The buyer answers; None: goes away. A wrong code leaves the question open."""
    if asked.over or (code is not None and code.strip() != CODE):
        return asked
    token = None
    if code is not None:
        form = {"postal_code": asked.postal_code, "name": asked.name}
        token = tokenize(account, asked.card, form, verified=True, stores=asked.stores).id
    return account.of(CHALLENGES).put(replace(asked, token=token, over=True))


def spend(account: SquareAccount, id_: str) -> Token:
    """Use a token up.

    Raises:
        SquareError: 400 for one that is unknown, used, or too old.
    """
    found = account.of(TOKENS).get(id_)
    if found is None:
        raise invalid("NOT_FOUND", "Card nonce not found in this application environment.", "source_id", status=404)
    if found.used:
        category = account.settings.token_used_category
        raise SquareError(400, [error("CARD_TOKEN_USED", detail("CARD_TOKEN_USED"), "source_id", category=category)])
    if account.now() - found.created > account.settings.token_hours * 3_600_000:
        words = detail("CARD_TOKEN_EXPIRED")
        raise SquareError(400, [error("CARD_TOKEN_EXPIRED", words, "source_id", category=PAYMENT_METHOD)])
    return account.of(TOKENS).put(replace(found, used=True))


# ---- cards on file -------------------------------------------------------------------------------


def get(account: SquareAccount, id_: str) -> FiledCard:
    """A card on file; 404 for an unknown one."""
    found = account.of(CARDS).get(id_)
    if found is None:
        raise invalid("NOT_FOUND", f"Card with ID `{id_}` not found.", status=404)
    return found


def store(
    account: SquareAccount, card: Card, *, customer: str, name: str | None, billing: Any, reference: str | None
) -> FiledCard:
    """Put a card on file, with its event."""
    if account.of(CUSTOMERS).get(customer) is None:
        raise invalid("CUSTOMER_NOT_FOUND", f"Customer with ID `{customer}` not found.", "card.customer_id", status=404)
    made = FiledCard(
        id=f"ccof:{account.ids.text(19)}",
        created=account.now(),
        customer=customer,
        card=replace(card, decline=card.filed),
        name=name,
        billing=billing,
        reference=reference,
    )
    account.of(CARDS).add(made)
    emit(account, "card.created", made.id, "card", wire.filed(account, made))
    return made


def disable(account: SquareAccount, card: FiledCard) -> FiledCard:
    """Take a card off the file; a second time nothing happens."""
    if not card.enabled:
        return card
    done = account.of(CARDS).put(replace(card, enabled=False, version=card.version + 1))
    emit(account, "card.disabled", done.id, "card", wire.filed(account, done))
    return done


def _card(
    account: SquareAccount, number: str, known: dict[str, Any], month: int, year: int, *, decline: str | None
) -> Card:
    digest = hashlib.blake2b(number.encode(), key=account.fingerprints.encode(), digest_size=32).digest()
    text = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return Card(
        brand=known["brand"],
        last4=number[-4:],
        bin=number[:6],
        exp_month=month,
        exp_year=year,
        fingerprint=f"sq-1-{text}",
        type=known.get("type", "CREDIT"),
        decline=decline,
        filed=known.get("filed", decline),
        strong=bool(known.get("challenge")),
        unverified=bool(known.get("unverified")),
    )


def _problem(field: str, message: str) -> dict[str, str]:
    return {"type": "VALIDATION_ERROR", "field": field, "message": message}


def _whole(value: object) -> int:
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else -1
