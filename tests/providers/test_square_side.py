"""Our own side of Square, through the official SDK, against the real simulator: truth, desk, card form, link."""

from __future__ import annotations

import contextlib
import dataclasses

import httpx
import pytest

from harness.domain.money import Money
from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import HarnessError, NotApplicable
from harness.providers import CALLS, Account, Simulator, SimulatorControl, Ticket, instrument, instruments, refusal
from harness.providers.square import ProviderRefusal, SquareSide
from harness.providers.square_shopper import SquareBrowser

pytestmark = pytest.mark.anyio
EUR = Money(4999, "eur")


@pytest.fixture(scope="module")
async def simulator(tmp_path_factory):
    running = Simulator(tmp_path_factory.mktemp("simulator"), providers=[Provider.SQUARE])
    await running.start()
    yield running
    await running.stop()


@contextlib.asynccontextmanager
async def opened(simulator, name):
    account = simulator.account(Provider.SQUARE, name)
    control = SimulatorControl(account)
    await control.settings(country="IE", refund_seconds=0)
    seller = await control.credentials()
    account = dataclasses.replace(
        account, publishable_key=seller["application_id"], location=seller["location_id"], currency="eur"
    )
    side = SquareSide(account)
    await side.keep_events()
    async with httpx.AsyncClient(trust_env=False) as client:
        yield side, control, SquareBrowser(account, client)
    await side.close()
    await control.close()


async def ordered(side, amount=EUR):
    goods = [{"name": "Tea", "quantity": "1", "base_price_money": {"amount": amount.minor, "currency": "EUR"}}]
    order = {"location_id": side.account.location, "line_items": goods, "metadata": {"order_id": "or_1"}}
    made = await side._asked(side._sdk.orders.create(order=order, idempotency_key=f"{id(order)}-{amount.minor}"))
    return made["order"]["id"]


async def charged(side, order_id, token, amount=EUR, **more):
    asked = {
        "source_id": token,
        "idempotency_key": f"pay-{token[-30:]}",
        "amount_money": {"amount": amount.minor, "currency": "EUR"},
        "order_id": order_id,
        **more,
    }
    with contextlib.suppress(ProviderRefusal):
        await side._asked(side._sdk.payments.create(**asked))


async def paid(side, browser, words="a Visa card", **more):
    order_id = await ordered(side)
    ticket = Ticket(order_id, None, side.account.publishable_key, EUR)
    told = await browser.confirm(ticket, instrument(words).fields(Provider.SQUARE), return_url="")
    await charged(side, order_id, told.token, **more)
    return order_id


async def test_an_order_that_nobody_paid_is_open_and_is_found_by_its_reference(simulator):
    async with opened(simulator, "open") as (side, _, _):
        order_id = await ordered(side)
        (seen,) = await side.payments("or_1")
        assert (seen.id, seen.state, seen.amount, seen.captured.minor) == (order_id, "open", EUR, 0)
        assert await side.payments("or_2") == []
        assert side.is_payment(order_id)


async def test_a_token_of_the_card_form_pays_an_order(simulator):
    async with opened(simulator, "paid") as (side, _, browser):
        order_id = await paid(side, browser)
        truth = await side.payment(order_id)
        assert (truth.state, truth.captured) == ("paid", EUR)
        (charge,) = await side.charges(order_id)
        assert (charge.status, charge.captured, charge.payment) == ("succeeded", EUR, order_id)
        assert (await side.balance())["eur"] <= EUR.minor


async def test_a_decline_is_told_with_squares_code(simulator):
    async with opened(simulator, "declined") as (side, _, browser):
        order_id = await paid(side, browser, "a card with a wrong security code")
        truth = await side.payment(order_id)
        assert (truth.state, truth.decline_code) == ("open", "CVV_FAILURE")
        assert [one.status for one in await side.charges(order_id)] == ["failed"]


async def test_a_card_whose_bank_asks_gives_a_token_after_the_answer(simulator):
    async with opened(simulator, "asked") as (side, _, browser):
        order_id = await ordered(side)
        ticket = Ticket(order_id, None, side.account.publishable_key, EUR)
        fields = instrument("a card that needs the bank's check").fields(Provider.SQUARE)
        asked = await browser.confirm(ticket, fields, return_url="")
        assert asked.needs_authentication
        assert await browser.answer_check(asked.next_url, passed=True) is None
        assert (await browser.look(ticket)).token.startswith("cnon:")
        again = await browser.confirm(ticket, fields, return_url="")
        await browser.answer_check(again.next_url, passed=False)
        failed = await browser.look(ticket)
        assert (failed.token, failed.declined) == (None, True)


async def test_a_real_card_is_refused_in_the_form(simulator):
    async with opened(simulator, "real") as (side, _, browser):
        ticket = Ticket("anything", None, side.account.publishable_key, EUR)
        told = await browser.confirm(ticket, {"number": "4000001111112223"}, return_url="")
        assert (told.token, told.paid, told.approved) == (None, False, False)


async def test_a_payment_link_is_paid_on_its_page_once(simulator):
    async with opened(simulator, "link") as (side, _, browser):
        order = {
            "location_id": side.account.location,
            "line_items": [{"name": "Tea", "quantity": "1", "base_price_money": {"amount": 4999, "currency": "EUR"}}],
        }
        made = await side._asked(
            side._sdk.checkout.payment_links.create(
                idempotency_key="link", order=order, checkout_options={"redirect_url": "http://127.0.0.1:1/back"}
            )
        )
        link = made["payment_link"]
        fields = instrument("a card that is declined").fields(Provider.SQUARE)
        assert (await browser.pay_hosted(link["url"], fields, "a@example.org")).declined
        good = instrument("a Visa card").fields(Provider.SQUARE)
        told = await browser.pay_hosted(link["url"], good, "a@example.org")
        assert (told.paid, told.returned_to) == (True, "http://127.0.0.1:1/back")
        assert not side.is_payment(link["id"])
        assert (await side.payment(link["id"])).state == "paid"
        assert (await browser.pay_hosted(link["url"], good, "a@example.org")).status == "expired"


async def test_the_sellers_own_desk_refunds_captures_and_cancels(simulator):
    async with opened(simulator, "desk") as (side, _, browser):
        whole = await paid(side, browser)
        refund = await side.refund(whole, Money(1000, "eur"))
        assert (refund.amount, refund.payment) == (Money(1000, "eur"), whole)
        assert [one.status for one in await side.refunds(whole)] == ["succeeded"]
        held = await paid(side, browser, autocomplete=False)
        assert (await side.payment(held)).state == "authorised"
        assert (await side.capture(held, Money(4000, "eur"))).captured == Money(4000, "eur")
        other = await paid(side, browser, autocomplete=False)
        assert (await side.cancel(other)).state == "cancelled"
        with pytest.raises(HarnessError, match="holds no money"):
            await side.cancel(other)


async def test_an_order_can_be_made_cheaper_before_it_is_paid(simulator):
    async with opened(simulator, "cheaper") as (side, _, _):
        order_id = await ordered(side)
        assert (await side.change(order_id, Money(100, "eur"))).amount == Money(100, "eur")


async def test_somebody_elses_payment_claims_the_same_references(simulator):
    async with opened(simulator, "claims") as (side, _, _):
        truth = await side.pay(Money(100, "eur"), "any", {"order_id": "or_9", "reference_id": "pay_9"})
        assert (truth.state, truth.metadata["reference_id"]) == ("paid", "pay_9")
        assert [one.id for one in await side.payments("or_9")] == [truth.id]


async def test_disputes_and_events_are_seen_oldest_first(simulator):
    async with opened(simulator, "disputes") as (side, control, browser):
        order_id = await paid(side, browser)
        (charge,) = await side.charges(order_id)
        before = await side.last_event()
        await control.open_dispute(charge.id, reason="NOT_RECEIVED", amount=2000)
        (dispute,) = await side.disputes(order_id)
        assert (dispute.status, dispute.reason, dispute.amount) == (
            "needs_response",
            "NOT_RECEIVED",
            Money(2000, "eur"),
        )
        assert (dispute.charge, dispute.inquiry) == (charge.id, False)
        assert [one["type"] for one in await side.events(after=before)] == ["dispute.created"]


async def test_a_changed_key_is_another_one(simulator):
    async with opened(simulator, "key") as (side, _, _):
        url = "http://127.0.0.1:1/webhooks"
        first = await side.register_endpoint(url)
        assert await side.change_key(url) != first
        with pytest.raises(HarnessError, match="no webhook subscription"):
            await side.change_key("http://127.0.0.1:1/elsewhere")


async def test_a_refusal_names_squares_code_and_no_token(simulator):
    async with opened(simulator, "refused") as (side, _, _):
        with pytest.raises(ProviderRefusal, match="NOT_FOUND") as caught:
            await side.payment("x" * 29)
        assert side.account.secret_key not in str(caught.value)


def test_a_live_application_is_never_touched():
    account = Account(Provider.SQUARE, Mode.SANDBOX, None, "EAAAlive", "sq0idp-abc", "L1")
    with pytest.raises(HarnessError, match="never touches a live account"):
        SquareSide(account)


def test_a_seller_without_a_location_is_refused_with_the_next_move():
    with pytest.raises(HarnessError, match="SQUARE_LOCATION_ID"):
        SquareSide(Account(Provider.SQUARE, Mode.SANDBOX, None, "EAAAx", "sandbox-sq0idb-abc"))


async def test_on_the_sandbox_the_form_needs_a_browser():
    account = Account(Provider.SQUARE, Mode.SANDBOX, None, "EAAAx", "sandbox-sq0idb-abc", "L1")
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(NotApplicable, match="needs a browser"):
            await SquareBrowser(account, client).confirm(Ticket("o", None, "k"), {"number": "1"}, return_url="")


def test_every_number_that_is_typed_is_one_of_the_sandbox():
    typed = {one.square["number"] for one in instruments().values() if one.square and "number" in one.square}
    assert len(typed) >= 10
    assert typed >= {"4111111111111111", "4310000000201019"}


@pytest.mark.parametrize("status", [400, 401, 409, 429, 500, 503])
def test_a_refusal_has_squares_shape(status):
    (error,) = refusal(Provider.SQUARE, status)["errors"]
    assert set(error) == {"category", "code", "detail"}


def test_every_call_in_plain_words_is_one_of_squares():
    assert all(path.startswith("/v2/") for _, path in CALLS[Provider.SQUARE].values())
