"""What is not there says so, and says whether it is Stripe or the simulator that lacks it."""

from __future__ import annotations

import pytest

from harness.simulator.stripe.unsimulated import refusal


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/subscriptions"),
        ("DELETE", "/v1/subscriptions/sub_123"),
        ("GET", "/v1/invoices"),
        ("POST", "/v1/invoices/in_123/finalize"),
        ("POST", "/v1/test_helpers/test_clocks"),
        ("POST", "/v1/test_helpers/test_clocks/clock_1/advance"),
        ("POST", "/v1/payouts"),
        ("POST", "/v1/coupons"),
        ("POST", "/v1/billing_portal/sessions"),
        ("GET", "/v1/payment_intents/search"),
        ("GET", "/v2/core/events/evt_1"),
    ],
)
def test_a_part_of_stripe_that_is_left_out_is_called_not_simulated(method: str, path: str) -> None:
    error = refusal(method, path)
    assert (error.status, error.type, error.code) == (404, "invalid_request_error", "not_simulated")
    assert error.message.startswith(f"{method} {path} is not simulated; see docs/simulator/stripe.md")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/foo"), ("POST", "/v1/subscriptionz"), ("PATCH", "/v1/invoices"), ("GET", "/nope")]
)
def test_a_path_that_stripe_does_not_have_is_answered_as_stripe_does(method: str, path: str) -> None:
    error = refusal(method, path)
    assert (error.status, error.type, error.code) == (404, "invalid_request_error", None)
    assert error.message.startswith(f"Unrecognized request URL ({method}: {path}).")
