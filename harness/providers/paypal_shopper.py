"""What the shopper's browser does at PayPal, by plain HTTP: approve on PayPal's page, or type a card into its fields.

PayPal's JavaScript gets a token for the client's id alone, confirms the card with it, and then tells the shop
(``onApprove``), which has to take the money itself. PayPal's own page and the bank's check are pages with forms; on the
sandbox they need a browser, which is why they raise ``NotApplicable`` there.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import httpx

from harness.domain.providers import Mode
from harness.domain.verdicts import HarnessError, NotApplicable
from harness.providers.base import ACTOR_HEADER, Account, Confirmation, Ticket, Watch
from harness.providers.pages import Form, forms, with_button
from harness.providers.paypal import SANDBOX

PASS, FAIL = "success", "failure"
"""Values of the buttons of the simulated bank's check."""
_MOVED = (301, 302, 303, 307, 308)


class PayPalBrowser:
    """The browser's calls to one PayPal account."""

    def __init__(self, account: Account, client: httpx.AsyncClient) -> None:
        self._account, self._client = account, client
        self.watch: Watch | None = None
        self._base = account.url or SANDBOX
        self._tokens: dict[str, str] = {}

    def can_confirm(self, ticket: Ticket) -> bool:
        """Whether PayPal's order and the client's id are there."""
        return bool(ticket.payment and ticket.key)

    async def confirm(self, ticket: Ticket, instrument: Mapping[str, str], *, return_url: str) -> Confirmation:
        """Confirm an order with a card, as PayPal's card fields do."""
        del return_url  # the order knows where to return to
        if "number" not in instrument:
            raise NotApplicable("PayPal's card fields take a card only")
        card: dict[str, Any] = {
            "number": instrument["number"],
            "name": instrument.get("name", "Ada Lovelace"),
            "expiry": instrument.get("expiry", "2039-12"),
            "security_code": "1234" if instrument["number"].startswith(("34", "37")) else "123",
        }
        card["attributes"] = {"verification": {"method": "SCA_WHEN_REQUIRED"}}
        path = f"/v2/checkout/orders/{ticket.payment}/confirm-payment-source"
        return _confirmation(await self._call("POST", path, ticket, {"payment_source": {"card": card}}))

    async def look(self, ticket: Ticket) -> Confirmation:
        """What the browser may read of the order."""
        return _confirmation(await self._call("GET", f"/v2/checkout/orders/{ticket.payment}", ticket))

    async def open_check(self, url: str) -> list[Form]:
        """Open the page of the bank's check."""
        self._only_simulated("the bank's check")
        page = await self._page("GET", url)
        return forms(page.text, str(page.url))

    async def answer_check(self, url: str, *, passed: bool) -> str | None:
        """Pass or fail the bank's check; answers where the browser is sent back to."""
        form, button = with_button(await self.open_check(url), PASS if passed else FAIL, "the bank's check")
        action, sent = form.pressed(button)
        answer = await self._page(form.method, action, sent)
        if answer.status_code in _MOVED:
            return str(urljoin(str(answer.url), answer.headers.get("location", "")))
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise HarnessError(f"the bank's check answered {answer.status_code}: {answer.text[:200]}")
        return None

    async def pay_hosted(self, url: str, instrument: Mapping[str, str], email: str) -> Confirmation:
        """Approve on PayPal's own page, with the means of payment that is chosen there."""
        del email  # a buyer has an account
        if "page" not in instrument:
            raise NotApplicable("on PayPal's own page the check of a bank is between PayPal and the buyer")
        return await self._decide(url, "approve", instrument["page"])

    async def turn_back(self, url: str) -> Confirmation:
        """Go back to the shop from PayPal's own page without paying."""
        return await self._decide(url, "cancel", "balance")

    async def _decide(self, url: str, action: str, instrument: str) -> Confirmation:
        self._only_simulated("PayPal's own page")
        page = await self._page("GET", url)
        if page.status_code >= httpx.codes.BAD_REQUEST:
            return Confirmation("expired", page.status_code, message=page.text[:200])
        found = forms(page.text, str(page.url))
        if not found:
            return Confirmation("expired", page.status_code, message="the page offers nothing to pay with any more")
        form, button = with_button(found, action, "PayPal's own page")
        target, sent = form.pressed(button)
        answer = await self._page(form.method, target, {**sent, "instrument": instrument})
        if answer.status_code in _MOVED:
            place = urljoin(str(answer.url), answer.headers.get("location", ""))
            return Confirmation(
                "approved" if action == "approve" else "cancelled", answer.status_code, returned_to=place
            )
        return Confirmation("refused", answer.status_code, code="declined", message=answer.text[:200])

    async def _token(self, key: str) -> str:
        if key not in self._tokens:
            headers = {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode(), ACTOR_HEADER: "shopper"}
            answer = await self._send(
                "POST", f"{self._base}/v1/oauth2/token", headers=headers, data={"grant_type": "client_credentials"}
            )
            if not answer.is_success:
                raise HarnessError(f"PayPal gave the browser no token ({answer.status_code}): {answer.text[:200]}")
            self._tokens[key] = str(answer.json()["access_token"])
        return self._tokens[key]

    async def _call(
        self, method: str, path: str, ticket: Ticket, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        headers = {"Origin": "https://shop.example", ACTOR_HEADER: "shopper"}
        answer = httpx.Response(401)
        for _ in range(2):  # a token may have been revoked meanwhile
            headers["Authorization"] = f"Bearer {await self._token(ticket.key or '')}"
            answer = await self._send(method, f"{self._base}{path}", headers=headers, json=body)
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                break
            self._tokens.clear()
        return answer

    async def _page(self, method: str, url: str, fields: Mapping[str, str] | None = None) -> httpx.Response:
        headers = {ACTOR_HEADER: "shopper", "Accept": "text/html"}
        sent: dict[str, Any] = {"params": fields} if method == "GET" and fields else {"data": fields} if fields else {}
        return await self._send(method, url, headers=headers, **sent)

    async def _send(self, method: str, url: str, **sent: Any) -> httpx.Response:
        started = time.perf_counter()
        try:
            request = self._client.build_request(method, url, **sent)
            answer = await self._client.send(request, follow_redirects=False)
        except httpx.TransportError as error:
            seconds = time.perf_counter() - started
            raise HarnessError(
                f"PayPal does not answer the shopper's browser ({error}, after {seconds:.1f} s)"
            ) from error
        if self.watch:
            self.watch(request, answer, (time.perf_counter() - started) * 1000)
        return answer

    def _only_simulated(self, what: str) -> None:
        if self._account.mode is not Mode.SIMULATED:
            raise NotApplicable(f"{what} on the sandbox needs a browser; this scenario drives it on the simulator only")


def _confirmation(answer: httpx.Response) -> Confirmation:
    try:
        body = answer.json()
    except ValueError as problem:
        raise HarnessError(
            f"PayPal answered the browser {answer.status_code} without JSON: {answer.text[:200]}"
        ) from problem
    if answer.is_success:
        status = str(body.get("status", ""))
        link = next((one["href"] for one in body.get("links") or [] if one.get("rel") == "payer-action"), None)
        if status == "PAYER_ACTION_REQUIRED":
            return Confirmation("requires_action", answer.status_code, next_url=link, raw=body)
        return Confirmation("approved" if status == "APPROVED" else status.lower(), answer.status_code, raw=body)
    issue = next((one.get("issue") for one in body.get("details") or []), body.get("name"))
    return Confirmation("refused", answer.status_code, code=issue, message=body.get("message"), raw=body)
