"""The pure rules: prices, states, refunds, disputes, ledger, keys. Properties where there is one."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl import catalogue, errors, ids, keys, money
from reference_impl.disputes import rules as disputes
from reference_impl.gateways.truth import Intent, IntentStatus, Movement, RefundStatus
from reference_impl.ledger import rules as books
from reference_impl.orders import rules as orders
from reference_impl.payments import declines
from reference_impl.payments import rules as payments
from reference_impl.payments.rules import PaymentState
from reference_impl.refunds import rules as refunds
from reference_impl.refunds.rules import RefundState

amounts = st.integers(1, 10**9)
currencies = st.sampled_from(sorted(money.CURRENCIES))


# orders and prices


def test_the_price_is_the_catalogues_and_the_total_its_sum():
    lines = orders.priced([orders.Wish("cup", 3), orders.Wish("teapot", 1)], "eur", max_quantity=10)
    assert orders.total(lines, "eur") == 3 * 1999 + 4999


@pytest.mark.parametrize("quantity", [0, -1, 11])
def test_quantities_outside_the_limits_are_refused(quantity):
    with pytest.raises(errors.Invalid):
        orders.priced([orders.Wish("cup", quantity)], "eur", max_quantity=10)


def test_every_good_is_sold_in_every_currency_at_a_price_that_the_currency_allows():
    for good in catalogue.goods().values():
        assert set(good.prices) == set(money.CURRENCIES)


@pytest.mark.parametrize(
    ("amount", "currency", "words"), [(4999, "eur", "49.99 EUR"), (5000, "jpy", "5000 JPY"), (5120, "kwd", "5.120 KWD")]
)
def test_amounts_are_written_with_the_decimals_of_their_currency(amount, currency, words):
    assert money.formatted(amount, currency) == words


def test_a_three_decimal_currency_moves_in_steps_of_ten():
    assert money.problem(5125, "kwd")
    assert money.problem(5120, "kwd") is None


@given(
    st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 100), st.integers(0, 100)
)
def test_an_order_is_paid_only_with_captured_money_that_fits(
    held, opened, lost, cancelled, payment_open, captured, refunded
):
    facts = orders.Facts("paid", payment_open, held, captured, min(refunded, captured), opened, lost, cancelled)
    state = orders.state(facts)
    if state in {"paid", "part_refunded", "refunded", "disputed", "lost"}:
        assert captured > 0
        assert not held
    if captured and not held:
        assert state != "unpaid"


# payments

STATES = list(PaymentState)


@pytest.mark.parametrize(("current", "proposed"), list(itertools.product(sorted(payments.FINAL), sorted(STATES))))
def test_a_final_state_is_never_left(current, proposed):
    assert payments.next_state(current, proposed) is current


@given(st.lists(st.sampled_from(STATES), max_size=12))
def test_no_order_of_news_takes_a_payment_back_once_money_was_reserved(news):
    rank = {PaymentState.AUTHORISED: 1, PaymentState.PAID: 2, PaymentState.CANCELLED: 2}
    state, highest = PaymentState.UNKNOWN, 0
    for proposed in news:
        state = payments.next_state(state, proposed)
        assert rank.get(state, 0) >= highest
        highest = rank.get(state, 0)


def intent(**changes):
    given_ = {
        "id": "pi_1",
        "status": IntentStatus.PAID,
        "amount": 4999,
        "amount_received": 4999,
        "currency": "eur",
        "livemode": False,
        "metadata": {"order_id": "or_1", "payment_id": "pay_1"},
        "decline": None,
        "charge": None,
        "created": 0,
    }
    return Intent(**{**given_, **changes})


EXPECTED = payments.Expected("or_1", "pay_1", 4999, "eur", live=False)


def test_a_payment_that_fits_has_no_mismatch():
    assert payments.mismatches(EXPECTED, intent()) == []


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"amount": 100}, ["amount"]),
        ({"currency": "jpy"}, ["currency"]),
        ({"metadata": {"order_id": "or_2", "payment_id": "pay_1"}}, ["order"]),
        ({"metadata": {}}, ["order"]),
        ({"livemode": True}, ["mode"]),
    ],
)
def test_amount_currency_order_and_mode_are_compared(changes, names):
    assert payments.mismatches(EXPECTED, intent(**changes)) == names


def test_a_decline_tells_the_shopper_enough_and_a_thief_nothing():
    assert "funds" in declines.message("insufficient_funds")
    for code in ("lost_card", "stolen_card", "fraudulent", "pickup_card", "highest_risk_level"):
        assert declines.shown_code(code) == declines.GENERIC
        assert declines.message(code) == declines.message("something nobody knows")


# refunds


@given(
    captured=st.integers(0, 10_000),
    made=st.lists(st.tuples(st.sampled_from(list(RefundState)), st.integers(1, 3000)), max_size=5),
    lost=st.integers(0, 3000),
    wanted=st.one_of(st.none(), st.integers(-10, 12_000)),
    disputed=st.booleans(),
)
def test_refunds_that_stand_and_what_banks_took_never_exceed_what_was_captured(captured, made, lost, wanted, disputed):
    position = refunds.Position("eur", captured, made, lost, disputed)
    try:
        amount = refunds.amount_to_refund(position, wanted, None)
    except errors.ApiError:
        return
    assert not disputed
    standing = sum(one for state, one in made if state not in {RefundState.FAILED, RefundState.CANCELLED})
    assert 0 < amount <= captured - standing - lost
    assert wanted in {None, amount}


def test_a_refund_in_another_currency_is_refused():
    with pytest.raises(errors.Invalid):
        refunds.amount_to_refund(refunds.Position("jpy", 5000, (), 0, open_chargeback=False), 50, "EUR")


@given(st.lists(st.sampled_from(list(RefundStatus)), max_size=8))
def test_a_refund_that_failed_stays_failed_and_one_that_succeeded_may_only_fail(news):
    state = RefundState.UNKNOWN
    for status in news:
        after = refunds.next_state(state, refunds.state_of(status))
        if state in {RefundState.FAILED, RefundState.CANCELLED}:
            assert after is state
        if state is RefundState.SUCCEEDED:
            assert after in {RefundState.SUCCEEDED, RefundState.FAILED}
        state = after


# disputes


def test_an_inquiry_is_no_chargeback_and_a_closed_one_no_loss():
    assert disputes.is_inquiry("warning_under_review")
    standing = disputes.standing(
        [("warning_needs_response", 100), ("warning_closed", 100), ("prevented", 5), ("won", 7)]
    )
    assert standing == disputes.Standing(open=False, lost=False, disputed=0, lost_amount=0)


def test_open_and_lost_chargebacks_count_with_their_own_amounts():
    standing = disputes.standing([("needs_response", 40), ("lost", 25), ("won", 10)])
    assert standing == disputes.Standing(open=True, lost=True, disputed=65, lost_amount=25)


# ledger


@given(amounts, st.integers(0, 2000), currencies, currencies, st.booleans(), st.integers(1, 10**9))
def test_every_posting_balances_in_every_currency(amount, fee, currency, settled_in, held, settled_amount):
    moved = amount if currency == settled_in else settled_amount
    arrived = Movement("txn_1", "charge", moved, fee, moved - fee, settled_in, "ch_1", 0)
    left = Movement("txn_2", "dispute", -moved, fee, -moved - fee, settled_in, "ch_1", 0)
    for lines in (
        books.captured(amount, currency, held=held),
        books.refunded(amount, currency),
        books.refund_returned(amount, currency),
        books.settled(arrived, amount, currency),
        books.settled(left, -amount, currency),
        books.disputed(left, -amount, currency),
        books.disputed(arrived, amount, currency),
    ):
        assert books.balanced(lines)
        assert all(line.amount for line in lines)


@given(amounts, st.integers(0, 2000))
def test_a_settled_payment_leaves_nothing_receivable(amount, fee):
    arrived = Movement("txn_1", "charge", amount, fee, amount - fee, "eur", "ch_1", 0)
    lines = [*books.captured(amount, "eur", held=False), *books.settled(arrived, amount, "eur")]
    assert sum(line.amount for line in lines if line.account == books.RECEIVABLE) == 0
    assert sum(line.amount for line in lines if line.account == books.BALANCE) == amount - fee


# keys and tokens


def test_keys_name_the_operation_and_never_the_attempt():
    assert keys.for_payment("or_1", 1) == keys.for_payment("or_1", 1) != keys.for_payment("or_1", 2)
    assert keys.for_refund("rf_1") != keys.for_refund("rf_2")
    assert keys.for_evidence("dp_1", "a", submit=True) != keys.for_evidence("dp_1", "a", submit=False)


def test_order_tokens_belong_to_their_order_and_hold_no_digit():
    token = ids.order_token(b"secret", "or_1")
    assert token == ids.order_token(b"secret", "or_1") != ids.order_token(b"secret", "or_2")
    assert not any(character.isdigit() for character in token)


def test_ids_are_long_and_never_repeat():
    made = {ids.new("or") for _ in range(1000)}
    assert len(made) == 1000
    assert all(ids.well_formed(one) for one in made)
