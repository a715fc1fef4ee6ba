"""Our own side of Stripe, through the official SDK, against the real simulator.

Truth, control, the shopper's browser.
"""

from __future__ import annotations

import contextlib

import httpx
import pytest

from harness.domain.money import Money
from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import HarnessError, NotApplicable
from harness.providers import (
    CALLS,
    Account,
    ShopperSide,
    Simulator,
    SimulatorControl,
    Ticket,
    call,
    instrument,
    instruments,
)
from harness.providers.stripe import StripeSide

pytestmark = pytest.mark.anyio
EUR = Money(4999, "eur")
NOT_SIMULATED = {"a bank debit that settles", "a bank debit that fails later"}


@pytest.fixture(scope="module")
async def simulator(tmp_path_factory):
    running = Simulator(tmp_path_factory.mktemp("simulator"))
    await running.start()
    yield running
    await running.stop()


@contextlib.asynccontextmanager
async def opened(simulator, name):
    account = simulator.account(Provider.STRIPE, name)
    side, control = StripeSide(account), SimulatorControl(account)
    async with httpx.AsyncClient(trust_env=False) as client:
        yield side, control, ShopperSide(account, client)
    await side.close()
    await control.close()


async def started(side, amount=EUR, **fields):
    return await side._post(
        "/v1/payment_intents",
        {
            "amount": amount.minor,
            "currency": amount.currency,
            "automatic_payment_methods": {"enabled": True},
            "metadata": {"order_id": "or_1"},
            **fields,
        },
    )


async def confirmed(side, browser, words, **fields):
    intent = await started(side, **fields)
    chosen = instrument(words).fields(Provider.STRIPE)
    return intent, await browser.confirm(ticket(side, intent), chosen, return_url="http://127.0.0.1/return")


def ticket(side, intent):
    return Ticket(intent["id"], intent["client_secret"], side.account.publishable_key)


@pytest.mark.parametrize("key", ["sk_live_abc", "pk_test_abc", ""])
def test_the_harness_never_speaks_to_a_live_account(key):
    with pytest.raises(HarnessError, match="never touches a live account"):
        StripeSide(Account(Provider.STRIPE, Mode.SANDBOX, None, key, "pk_test_x"))


async def test_the_truth_about_a_payment_and_its_refunds_and_disputes(simulator):
    async with opened(simulator, "truth") as (side, control, browser):
        intent, told = await confirmed(side, browser, "a Visa card")
        assert told.paid
        truth = await side.payment(intent["id"])
        assert (truth.state, truth.amount, truth.captured) == ("paid", EUR, EUR)
        assert [one.id for one in await side.payments("or_1")] == [truth.id]
        assert await side.payments("or_other") == []
        (charge,) = await side.charges(truth.id)
        assert (charge.status, charge.captured, charge.payment) == ("succeeded", EUR, truth.id)
        refund = await side.refund(truth.id, Money(1000, "eur"))
        assert refund.counts
        assert [one.amount for one in await side.refunds(truth.id)] == [Money(1000, "eur")]
        opened_dispute = await control.open_dispute(charge.id, reason="fraudulent", amount=2000)
        (dispute,) = await side.disputes(truth.id)
        assert (dispute.id, dispute.withdrawn) == (opened_dispute["id"], Money(2000, "eur"))
        assert dispute.evidence_due_by
        await control.resolve_dispute(dispute.id, "won")
        assert (await side.disputes(truth.id))[0].withdrawn == Money(0, "eur")
        assert (await side.balance())["eur"] < EUR.minor
        assert (await side.create_customer(email="a@b.example")).startswith("cus_")


AT_STRIPE = [
    name for name, one in instruments().items() if (one.stripe or one.stripe_fields) and name not in NOT_SIMULATED
]


@pytest.mark.parametrize("name", AT_STRIPE)
async def test_every_instrument_does_what_is_expected_of_it(simulator, name):
    async with opened(simulator, "instruments") as (side, control, browser):
        await control.settings(radar_declines_failed_cvc=False)  # as in the laboratory
        expected = instrument(name)
        intent, told = await confirmed(side, browser, name)
        if expected.expect == "authentication":
            assert told.needs_authentication
            returned_to = await browser.answer_check(told.next_url, passed=True)
            assert "redirect_status" in returned_to
            told = await browser.look(ticket(side, intent))
        outcome = expected.after if expected.expect == "authentication" else expected.expect
        if outcome == "paid":
            assert told.status == "succeeded"
        else:
            assert told.declined
            assert expected.code in {None, told.code}
            assert expected.decline_code in {None, told.decline_code}


async def test_failing_the_banks_check_pays_for_nothing(simulator):
    async with opened(simulator, "check") as (side, _, browser):
        intent, told = await confirmed(side, browser, "a card that needs the bank's check")
        returned_to = await browser.answer_check(told.next_url, passed=False)
        assert "redirect_status=failed" in returned_to
        assert (await side.payment(intent["id"])).state == "open"


async def test_the_hosted_page_is_paid_by_plain_http(simulator):
    async with opened(simulator, "hosted") as (side, _, browser):
        line = {"price_data": {"currency": "eur", "unit_amount": 4999, "product_data": {"name": "pot"}}, "quantity": 1}
        page = await side._post(
            "/v1/checkout/sessions",
            {
                "mode": "payment",
                "line_items": [line],
                "success_url": "http://127.0.0.1/return?session_id={CHECKOUT_SESSION_ID}",
                "metadata": {"order_id": "or_9"},
            },
        )
        with pytest.raises(HarnessError, match="nobody has paid on the hosted page"):
            await side.payment(page["id"])
        declined = await browser.pay_hosted(page["url"], {"payment_method": "pm_card_chargeDeclined"}, "a@b.example")
        assert declined.declined
        assert declined.message
        paid = await browser.pay_hosted(page["url"], {"payment_method": "pm_card_visa"}, "a@b.example")
        assert paid.returned_to == f"http://127.0.0.1/return?session_id={page['id']}"
        assert (await side.payment(page["id"])).state == "paid"
        assert len(await side.payments("or_9")) == 1


async def test_faults_pass_the_harness_by_and_strike_everybody_else(simulator):
    async with opened(simulator, "faults") as (side, control, _):
        await control.fault("status", *call("any call"), times=None, status=503)
        assert await side.events() == []
        async with httpx.AsyncClient(trust_env=False) as other:
            key = (side.account.secret_key, "")
            assert (await other.get(f"{side.account.url}/v1/balance", auth=key)).status_code == 503
        assert [one["fired"] for one in await control.faults()] == [1]
        await control.clear_faults()
        assert await control.faults() == []


async def test_the_journal_tells_our_calls_from_the_targets(simulator):
    async with opened(simulator, "journal") as (side, control, _):
        await side.balance()
        async with httpx.AsyncClient(trust_env=False) as other:
            headers = {"Idempotency-Key": "k-1"}
            sent = {"amount": 100, "currency": "eur", "metadata[order]": "or_1"}
            url = f"{side.account.url}/v1/payment_intents"
            await other.post(url, data=sent, headers=headers, auth=(side.account.secret_key, ""))
        calls = await control.journal()
        assert [one.ours for one in calls] == [True, False]
        entry = calls[1].entry()
        assert (entry.method, entry.path, entry.status, entry.idempotency_key) == (
            "POST",
            "/v1/payment_intents",
            200,
            "k-1",
        )
        assert entry.params["metadata"] == {"order": "or_1"}
        assert await control.journal(calls[0].seq) == calls[1:]


async def test_held_deliveries_are_listed_and_given_up(simulator):
    async with opened(simulator, "deliveries") as (side, control, browser):
        await side.register_endpoint("http://127.0.0.1:9/hook")
        await control.webhooks("hold")
        await confirmed(side, browser, "a Visa card")
        held = await control.deliveries("held")
        assert "payment_intent.succeeded" in [one.type for one in held]
        assert await control.drop_all([held[0].event]) == 1
        assert await control.drop_all() == len(held) - 1
        assert await control.deliveries("held") == []
        last = await side.last_event()
        assert [one["id"] for one in await side.events()][-1] == last
        assert await side.events(after=last) == []


async def test_time_passes_when_it_is_told_to(simulator):
    async with opened(simulator, "clock") as (side, control, browser):
        intent, _ = await confirmed(side, browser, "a Visa card", capture_method="manual")
        before = await control.now()
        assert await control.advance(8 * 86_400) >= 1
        assert await control.now() - before >= 8 * 86_400
        assert (await side.payment(intent["id"])).state == "cancelled"


async def test_what_the_simulator_refuses_is_told_in_its_own_words(simulator):
    async with opened(simulator, "refusals") as (side, control, _):
        with pytest.raises(HarnessError, match="Unknown fault action 'explode'"):
            await control.fault("explode")
        with pytest.raises(HarnessError, match=r"(?s)GET /v1/payment_intents/pi_none of the harness itself \(404\)"):
            await side.payment("pi_none")


async def test_a_port_that_is_taken_is_one_sentence_with_the_next_move(simulator, tmp_path):
    port = int(simulator.account(Provider.STRIPE).url.rpartition(":")[2])
    with pytest.raises(HarnessError, match=rf"(?s)did not start.*cannot listen on 127\.0\.0\.1:{port}.*choose another"):
        await Simulator(tmp_path, ports={Provider.STRIPE: port}).start()


async def test_the_banks_check_of_real_test_mode_needs_a_browser():
    account = Account(Provider.STRIPE, Mode.SANDBOX, None, "sk_test_x", "pk_test_x")
    async with httpx.AsyncClient() as client:
        with pytest.raises(NotApplicable, match="needs a browser"):
            await ShopperSide(account, client).answer_check("https://hooks.stripe.com/x", passed=True)


def test_calls_in_plain_words_name_the_nearest():
    assert call("refund") == ("POST", "/v1/refunds")
    assert all("any call" in calls for calls in CALLS.values())
    with pytest.raises(HarnessError, match="did you mean 'start a payment'"):
        call("start payment")
