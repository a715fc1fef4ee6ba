"""What the shopper's browser does at the provider, by plain HTTP: confirm, pass the bank's check, pay on a hosted page.

Stripe.js confirms with the publishable key and the payment's client secret; so does this. The bank's check and the
hosted page are pages with forms, whose buttons have the names that Stripe's test pages use; on real test mode they
need a browser, which is why they raise ``NotApplicable`` there.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import httpx

from harness.domain.providers import Mode
from harness.domain.verdicts import HarnessError, NotApplicable
from harness.providers.base import ACTOR_HEADER, Account, Confirmation, Ticket, Watch
from harness.providers.pages import Form, forms

PASS, FAIL = "test-source-authorize-3ds", "test-source-fail-3ds"
"""Ids of the two buttons of the bank's check in Stripe's test mode."""
_MOVED = (301, 302, 303, 307, 308)


class ShopperSide:
    """The browser's calls to one account of Stripe."""

    def __init__(self, account: Account, client: httpx.AsyncClient) -> None:
        self._account, self._client = account, client
        self.watch: Watch | None = None
        self._base = account.url or "https://api.stripe.com"

    def can_confirm(self, ticket: Ticket) -> bool:
        """Whether the payment, its client secret and the publishable key are there."""
        return bool(ticket.payment and ticket.secret and ticket.key)

    async def confirm(
        self,
        ticket: Ticket,
        instrument: Mapping[str, str],
        *,
        return_url: str,
    ) -> Confirmation:
        """Confirm a payment with an instrument's fields, as the payment form does.

        A card typed into the form becomes a payment method first, which may be declined already.
        """
        key = ticket.key or ""
        if "card[number]" in instrument:
            made = await self._call("POST", "/v1/payment_methods", key, instrument)
            if not made.is_success:
                return _confirmation(made)
            instrument = {"payment_method": str(made.json()["id"])}
        fields = {"client_secret": ticket.secret or "", "return_url": return_url, **instrument}
        answer = await self._call("POST", f"/v1/payment_intents/{ticket.payment}/confirm", key, fields)
        return _confirmation(answer)

    async def look(self, ticket: Ticket) -> Confirmation:
        """What the browser may read of the payment."""
        query = {"client_secret": ticket.secret or ""}
        return _confirmation(await self._call("GET", f"/v1/payment_intents/{ticket.payment}", ticket.key or "", query))

    async def open_check(self, url: str) -> list[Form]:
        """Open the page of the bank's check."""
        self._only_simulated("the bank's check")
        page = await self._page("GET", url)
        return forms(page.text, str(page.url))

    async def answer_check(self, url: str, *, passed: bool) -> str | None:
        """Press a button of the bank's check; answers where the browser is sent back to."""
        return await self._submit(await self.open_check(url), {}, PASS if passed else FAIL, "the bank's check")

    async def pay_hosted(self, url: str, instrument: Mapping[str, str], email: str) -> Confirmation:
        """Pay on the provider's own page with an instrument's fields."""
        self._only_simulated("the hosted page")
        page = await self._page("GET", url)
        if page.status_code >= httpx.codes.BAD_REQUEST:
            return Confirmation("expired", page.status_code, message=page.text[:200])
        found = [form for form in forms(page.text, str(page.url)) if form.method == "POST"]
        form = next((form for form in found if "payment_method" in form.fields), found[0] if found else None)
        if form is None:
            raise HarnessError(f"the hosted page {url} has no form to pay with; see the page in the record")
        answer = await self._page(form.method, form.action, {**form.values(), "email": email, **instrument})
        return self._hosted_outcome(answer)

    async def turn_back(self, url: str) -> Confirmation:
        """Follow the link back to the shop."""
        self._only_simulated("the hosted page")
        page = await self._page("GET", url)
        found = re.search(r'<a href="([^"]+)" id="back-link"', page.text)
        if found is None:
            raise NotApplicable("the hosted page shows no way back to the shop")
        return Confirmation("cancelled", page.status_code, returned_to=urljoin(url, html.unescape(found[1])))

    def _hosted_outcome(self, answer: httpx.Response) -> Confirmation:
        if answer.status_code in _MOVED:
            place = urljoin(str(answer.url), answer.headers.get("location", ""))
            if _is_check(place, self._base):
                return Confirmation("requires_action", answer.status_code, next_url=place)
            return Confirmation("succeeded", answer.status_code, returned_to=place)
        found = forms(answer.text, str(answer.url))
        if any(PASS in form.buttons for form in found):
            return Confirmation("requires_action", answer.status_code, next_url=str(answer.url))
        code = answer.headers.get("x-payharness-code")
        return Confirmation("requires_payment_method", 402, code=code or "card_declined", message=_alert(answer.text))

    async def _submit(self, found: list[Form], values: Mapping[str, str], button: str, what: str) -> str | None:
        form = next((form for form in found if button in form.buttons), None)
        if form is None:
            raise HarnessError(f"{what} shows no button {button!r}; it may be over already")
        action, sent = form.pressed(button)
        answer = await self._page(form.method, action, {**sent, **values})
        if answer.status_code in _MOVED:
            return str(urljoin(str(answer.url), answer.headers.get("location", "")))
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise HarnessError(f"{what} answered {answer.status_code}: {answer.text[:200]}")
        return None

    async def _call(self, method: str, path: str, key: str, fields: Mapping[str, str]) -> httpx.Response:
        sent: dict[str, Any] = {"params": fields} if method == "GET" else {"data": fields}
        headers = {"Authorization": f"Bearer {key}", ACTOR_HEADER: "shopper", "Origin": "https://shop.example"}
        return await self._send(method, f"{self._base}{path}", headers=headers, **sent)

    async def _page(self, method: str, url: str, fields: Mapping[str, str] | None = None) -> httpx.Response:
        headers = {ACTOR_HEADER: "shopper", "Accept": "text/html"}
        sent: dict[str, Any] = {"params": fields} if method == "GET" and fields else {"data": fields} if fields else {}
        return await self._send(method, url, headers=headers, **sent)

    async def _send(self, method: str, url: str, **sent: Any) -> httpx.Response:
        started = time.perf_counter()
        try:
            request = self._client.build_request(method, url, **sent)
            answer = await self._client.send(request, follow_redirects=False)
            if self.watch:
                self.watch(request, answer, (time.perf_counter() - started) * 1000)
            return answer  # noqa: TRY300 - the errors handled are those of sending
        except httpx.TransportError as error:
            seconds = time.perf_counter() - started
            raise HarnessError(
                f"the provider does not answer the shopper's browser ({error}, after {seconds:.1f} s)"
            ) from error

    def _only_simulated(self, what: str) -> None:
        if self._account.mode is not Mode.SIMULATED:
            raise NotApplicable(
                f"{what} of real test mode needs a browser; this scenario drives it on the simulator only"
            )


def _confirmation(answer: httpx.Response) -> Confirmation:
    try:
        body = answer.json()
    except ValueError as problem:
        raise HarnessError(
            f"the provider answered the browser {answer.status_code} without JSON: {answer.text[:200]}"
        ) from problem
    if "error" not in body:
        failure = body.get("last_payment_error") or {}
        action = body.get("next_action") or {}
        redirect = action.get("redirect_to_url") or {}
        sdk = action.get("use_stripe_sdk") or {}
        return Confirmation(
            str(body.get("status", "")),
            answer.status_code,
            failure.get("code"),
            failure.get("decline_code"),
            failure.get("message"),
            redirect.get("url") or sdk.get("stripe_js"),
            raw=body,
        )
    error = body["error"]
    intent = error.get("payment_intent") or {}
    return Confirmation(
        str(intent.get("status", "refused")),
        answer.status_code,
        error.get("code"),
        error.get("decline_code"),
        error.get("message"),
        raw=body,
    )


def _is_check(place: str, base: str) -> bool:
    return place.startswith(base)


def _alert(html: str) -> str:
    """The sentence that a page shows in its alert."""
    _, _, rest = html.partition('role="alert"')
    return rest.partition(">")[2].partition("<")[0].strip()
