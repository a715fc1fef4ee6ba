"""What the shopper's browser does at Square, by plain HTTP: type a card into the card form, pay a payment link.

Square's form talks to hosts of Square's own, in a way that is not documented; the simulator's stands in for it
(``docs/simulator/square.md``). It gives the browser a token for one use, which the shop pays with: so the form is not
the end of paying, and the bank's check comes before there is any payment. On the sandbox both the form and the page
need a browser, which is why they raise ``NotApplicable`` there.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import httpx

from harness.domain.providers import Mode
from harness.domain.verdicts import HarnessError, NotApplicable
from harness.providers.base import ACTOR_HEADER, Account, Confirmation, Ticket, Watch
from harness.providers.pages import Form, forms, with_button

CODE, WRONG_CODE = "123456", "000000"
"""What the buyer answers the test bank: rightly, and wrongly."""
SANDBOX_SOURCE = "cnon:card-nonce-ok"
_MOVED = (301, 302, 303, 307, 308)
_OK, _DECLINED = 200, 402


class SquareBrowser:
    """The browser's calls to one Square account."""

    def __init__(self, account: Account, client: httpx.AsyncClient) -> None:
        self._account, self._client = account, client
        self.watch: Watch | None = None
        self._base = account.url or ""
        self._asked: str | None = None
        """Where the browser learns what came of the bank's check that it was sent to last."""

    def can_confirm(self, ticket: Ticket) -> bool:
        """Whether there is something to pay, and the application's id."""
        return bool(ticket.payment and ticket.key)

    async def confirm(self, ticket: Ticket, instrument: Mapping[str, str], *, return_url: str) -> Confirmation:
        """Type a card into the form; ``approved`` with the token that the shop is to pay with."""
        del return_url  # the form is in the shop's page, and stays there
        self._only_simulated("Square's card form")
        if "source" in instrument:
            return Confirmation("approved", _OK, token=instrument["source"])
        if "number" not in instrument:
            raise NotApplicable("Square's card form takes a card only")
        kept = ("number", "exp_month", "exp_year", "cvv", "postal_code", "name")
        body: dict[str, Any] = {
            "application_id": ticket.key,
            "card": {
                "exp_month": 12,
                "exp_year": 2039,
                "cvv": "1111" if instrument["number"].startswith(("34", "37")) else "111",
                "postal_code": "94103",
                **{name: instrument[name] for name in kept if name in instrument},
            },
        }
        if instrument.get("verification") != "none":
            total = ticket.amount
            paid = {"amount": str(total).split()[0], "currency_code": total.currency.upper()} if total else {}
            body["verification"] = {"intent": "CHARGE", **paid}
        self._asked = None
        return self._told(await self._send("POST", f"{self._base}/web/tokenize", json=body))

    async def look(self, ticket: Ticket) -> Confirmation:
        """What came of the bank's check that the browser was sent to last."""
        del ticket
        if self._asked is None:
            return Confirmation("open", _OK)
        return self._told(await self._send("GET", self._asked))

    async def open_check(self, url: str) -> list[Form]:
        """Open the page of the bank's check."""
        self._only_simulated("the bank's check")
        page = await self._send("GET", url, headers={"Accept": "text/html"})
        return forms(page.text, str(page.url))

    async def answer_check(self, url: str, *, passed: bool) -> str | None:
        """Answer the bank rightly; or wrongly, and then give up."""
        for code, action in ((CODE, "confirm"),) if passed else ((WRONG_CODE, "confirm"), ("", "cancel")):
            form, button = with_button(await self.open_check(url), action, "the bank's check")
            target, sent = form.pressed(button)
            await self._send(form.method, target, data={**sent, "code": code})
        return None

    async def pay_hosted(self, url: str, instrument: Mapping[str, str], email: str) -> Confirmation:
        """Pay on the page of a payment link."""
        self._only_simulated("the page of a payment link")
        page = await self._send("GET", url, headers={"Accept": "text/html"})
        if page.status_code >= httpx.codes.BAD_REQUEST:
            return Confirmation("expired", page.status_code, message=page.text[:200])
        found = [form for form in forms(page.text, str(page.url)) if form.method == "POST"]
        if not found:
            return Confirmation("expired", page.status_code, message="the page offers nothing to pay with any more")
        target, sent = found[0].pressed("action")
        if "page" in instrument:
            typed = {"instrument": instrument["page"]}
        else:
            year = str(instrument.get("exp_year", "2039"))[-2:]
            typed = {
                "number": instrument.get("number", ""),
                "expiry": f"{instrument.get('exp_month', '12')}/{year}",
                "cvv": instrument.get("cvv", "111"),
                "postal_code": instrument.get("postal_code", "94103"),
            }
        answer = await self._send("POST", target, data={**sent, **typed, "email": email})
        if answer.status_code in _MOVED:
            place = urljoin(str(answer.url), answer.headers.get("location", ""))
            return Confirmation("succeeded", answer.status_code, returned_to=place)
        if answer.is_success:
            return Confirmation("succeeded", answer.status_code)
        _, _, alert = answer.text.partition('role="alert"')
        words = alert.partition(">")[2].partition("<")[0].strip()
        return Confirmation("requires_payment_method", _DECLINED, code="declined", message=words)

    async def turn_back(self, url: str) -> Confirmation:
        """Square's page has no way back to the shop before it is paid."""
        del url
        raise NotApplicable("the page of a Square payment link shows no way back to the shop")

    def _told(self, answer: httpx.Response) -> Confirmation:
        """What the form tells the page: a token, a question of the bank's, or what is wrong with what was typed."""
        try:
            body = answer.json()
        except ValueError as problem:
            raise HarnessError(
                f"Square's card form was answered {answer.status_code} without JSON: {answer.text[:200]}"
            ) from problem
        status = body.get("status")
        if status == "OK":
            return Confirmation("approved", answer.status_code, raw=body, token=str(body["token"]))
        if status == "CHALLENGE":
            asked = body["challenge"]
            self._asked = f"{self._base}/web/challenges/{asked['id']}"
            return Confirmation("requires_action", answer.status_code, next_url=str(asked["url"]), raw=body)
        if status == "PENDING":
            return Confirmation("requires_action", answer.status_code, raw=body)
        if status == "Cancel":
            return Confirmation("requires_payment_method", _DECLINED, code="authentication_cancelled", raw=body)
        first = (body.get("errors") or [{}])[0]
        return Confirmation(
            "refused", answer.status_code, code=first.get("type"), message=first.get("message"), raw=body
        )

    async def _send(self, method: str, url: str, **sent: Any) -> httpx.Response:
        started = time.perf_counter()
        sent["headers"] = {"Origin": "https://shop.example", ACTOR_HEADER: "shopper", **sent.get("headers", {})}
        try:
            request = self._client.build_request(method, url, **sent)
            answer = await self._client.send(request, follow_redirects=False)
        except httpx.TransportError as error:
            seconds = time.perf_counter() - started
            raise HarnessError(
                f"Square does not answer the shopper's browser ({error}, after {seconds:.1f} s)"
            ) from error
        if self.watch:
            self.watch(request, answer, (time.perf_counter() - started) * 1000)
        return answer

    def _only_simulated(self, what: str) -> None:
        if self._account.mode is not Mode.SIMULATED:
            raise NotApplicable(f"{what} on the sandbox needs a browser; this scenario drives it on the simulator only")
