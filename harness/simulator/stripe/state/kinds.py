"""The tables of the core: which kinds of object an account keeps, and by what they are looked up."""

from __future__ import annotations

from harness.simulator.stripe.account import BY_PREFIX, table
from harness.simulator.stripe.state.objects import (
    BalanceTransaction,
    Charge,
    Customer,
    Dispute,
    PaymentIntent,
    PaymentMethod,
    Refund,
    SetupAttempt,
    SetupIntent,
)

CUSTOMERS = table("customer", Customer, prefix="cus_", noun="customer", indexed=("email",), length=14)
PAYMENT_METHODS = table("payment_method", PaymentMethod, prefix="pm_", noun="PaymentMethod", indexed=("customer",))
PAYMENT_INTENTS = table("payment_intent", PaymentIntent, prefix="pi_", noun="payment_intent", indexed=("customer",))
SETUP_INTENTS = table(
    "setup_intent", SetupIntent, prefix="seti_", noun="setupintent", indexed=("customer", "payment_method")
)
SETUP_ATTEMPTS = table("setup_attempt", SetupAttempt, prefix="setatt_", noun="setup_attempt", indexed=("setup_intent",))
CHARGES = table("charge", Charge, prefix="ch_", noun="charge", indexed=("payment_intent", "customer"))
BY_PREFIX["py"] = CHARGES  # charges of payment methods that are no cards
REFUNDS = table("refund", Refund, prefix="re_", noun="refund", indexed=("charge", "payment_intent"))
DISPUTES = table("dispute", Dispute, prefix="du_", noun="dispute", indexed=("charge", "payment_intent"))
BALANCE_TRANSACTIONS = table(
    "balance_transaction", BalanceTransaction, prefix="txn_", noun="balance transaction", indexed=("source", "type")
)
