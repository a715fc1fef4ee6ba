"""Saved payment methods: setup tokens, payment tokens, and what a purchase saves. PayPal, "Payment method tokens v3".

setup token     CREATED (a card without its data) -> PAYER_ACTION_REQUIRED -> APPROVED -> VAULTED     (three days)
payment token   made from an approved setup token, from a card, or by a purchase with ``store_in_vault``
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from harness.simulator.kernel.ids import spelling
from harness.simulator.kernel.tabled import table
from harness.simulator.paypal import vaulting
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import PayPalError, detail, unprocessable
from harness.simulator.paypal.events import emit
from harness.simulator.paypal.registry import timer
from harness.simulator.paypal.state import cards
from harness.simulator.paypal.wire import vault as wire

CREATED, PAYER_ACTION_REQUIRED, APPROVED, VAULTED = "CREATED", "PAYER_ACTION_REQUIRED", "APPROVED", "VAULTED"
WALLETS = ("paypal", "venmo")
_TOKEN_ID = spelling("0123456789abcdefghijklmnopqrstuvwxyz")
_DAY = 86400
_SAVED_LATER = "vault.saved"


class SetupToken(Struct, frozen=True, kw_only=True):
    """A payment method on its way into the vault. ``source`` is what the merchant sent; never shown as it is."""

    id: str
    created: int
    expires: float
    customer: str
    status: str
    source: dict[str, Any]
    context: dict[str, Any] = {}


class PaymentToken(Struct, frozen=True, kw_only=True):
    """A saved payment method."""

    id: str
    created: int
    customer: str
    source: dict[str, Any]
    order: str | None = None


class Promise(Struct, frozen=True, kw_only=True):
    """A payment method that a purchase saves later on."""

    id: str
    created: int
    customer: str
    source: dict[str, Any]
    order: str


SETUP_TOKENS = table("setup_token", SetupToken)
PAYMENT_TOKENS = table("payment_token", PaymentToken, indexed=("customer",))
PROMISES = table("vault_promise", Promise)


def set_up(account: PayPalAccount, source: dict[str, Any], customer: str | None) -> SetupToken:
    """A setup token; a card needs its holder only for 3-D Secure, a wallet always.

    A card may come without its data: the browser's card fields fill it in later on.

    Raises:
        PayPalError: 422; the card cannot be used.
    """
    kind, inside = next(iter(source.items()))
    context = inside.get("experience_context") or {}
    if kind == "card":
        status = _card_status(account, inside) if "number" in inside else CREATED
    else:
        status = APPROVED if kind == "token" else PAYER_ACTION_REQUIRED
    return account.of(SETUP_TOKENS).add(
        SetupToken(
            id=account.long_id(),
            created=account.now(),
            expires=account.now() + account.settings.setup_token_days * _DAY,
            customer=customer or _customer(account),
            status=status,
            source={kind: {key: value for key, value in inside.items() if key != "experience_context"}},
            context=context,
        )
    )


def fill_in(account: PayPalAccount, it: SetupToken, card: dict[str, Any]) -> SetupToken:
    """The browser brings the card that a setup token was made for.

    Raises:
        PayPalError: 422; nothing is missing, or the card cannot be used.
    """
    if it.status != CREATED:
        raise unprocessable("TOKEN_ALREADY_VAULTED" if it.status == VAULTED else "PAYMENT_SOURCE_CANNOT_BE_UPDATED")
    whole = {**it.source.get("card", {}), **card}
    return account.of(SETUP_TOKENS).put(replace(it, status=_card_status(account, whole), source={"card": whole}))


def approve(account: PayPalAccount, it: SetupToken) -> SetupToken:
    """The buyer agrees on PayPal's page.

    Raises:
        ValueError: there is nothing to agree to.
    """
    if it.status != PAYER_ACTION_REQUIRED or it.expires <= account.clock.now():
        raise ValueError(f"Setup token {it.id} waits for nobody: it is {it.status}, or its time is over.")
    source = it.source
    for wallet in WALLETS:
        if wallet in source:
            source = {wallet: {**source[wallet], **wire.payer(account)}}
    return account.of(SETUP_TOKENS).put(replace(it, status=APPROVED, source=source))


def from_setup_token(account: PayPalAccount, id_: str, customer: str | None) -> PaymentToken:
    """The payment token that an approved setup token becomes, once.

    Raises:
        PayPalError: 404 or 422.
    """
    it = account.of(SETUP_TOKENS).get(id_)
    pointer = "/payment_source/token/id"
    if it is None or it.expires <= account.clock.now():
        raise PayPalError(404, [detail("TOKEN_NOT_FOUND", pointer, id_)])
    if it.status in {CREATED, PAYER_ACTION_REQUIRED}:
        raise unprocessable("PAYER_ACTION_REQUIRED", pointer, id_)
    if it.status == VAULTED:
        raise unprocessable("TOKEN_ALREADY_VAULTED", pointer, id_)
    if customer is not None and customer != it.customer:
        raise unprocessable("INVALID_CUSTOMER_ID", "/customer/id", customer)
    account.of(SETUP_TOKENS).put(replace(it, status=VAULTED))
    return keep(account, it.source, it.customer)


def from_card(account: PayPalAccount, card: dict[str, Any], customer: str | None) -> PaymentToken:
    """A card saved at once."""
    _check_card(account, card)
    return keep(account, {"card": card}, customer or _customer(account))


def keep(account: PayPalAccount, source: dict[str, Any], customer: str, order: str | None = None) -> PaymentToken:
    """Save a payment method, and say so."""
    it = account.of(PAYMENT_TOKENS).add(
        PaymentToken(
            id=account.ids.spelled(_TOKEN_ID, 8),
            created=account.now(),
            customer=customer,
            source={kind: {k: v for k, v in inside.items() if k not in _PASSING} for kind, inside in source.items()},
            order=order,
        )
    )
    emit(
        account,
        "VAULT.PAYMENT-TOKEN.CREATED",
        "payment_token",
        "3.0",
        "A payment token has been created.",
        wire.event(account, it),
    )
    return it


def delete(account: PayPalAccount, it: PaymentToken) -> None:
    """Forget a payment method, and say so."""
    account.of(PAYMENT_TOKENS).remove(it.id)
    for event_type, words in (
        ("VAULT.PAYMENT-TOKEN.DELETION-INITIATED", "A request to delete a payment token has been submitted."),
        ("VAULT.PAYMENT-TOKEN.DELETED", "A payment token has been deleted."),
    ):
        emit(account, event_type, "payment_token", "3.0", words, wire.event(account, it))


_PASSING = frozenset({"security_code", "experience_context", "verification_method", "attributes"})
"""Fields of a source that are used once and never kept."""


def _card_status(account: PayPalAccount, card: dict[str, Any]) -> str:
    """What a card's setup token waits for: its holder where 3-D Secure asks for a challenge, else nothing."""
    _check_card(account, card)
    method = card.get("verification_method")
    asked = {**card, "attributes": {"verification": {"method": method}}}
    return PAYER_ACTION_REQUIRED if method is not None and cards.authentication(asked)[0] else APPROVED


def _check_card(account: PayPalAccount, card: dict[str, Any]) -> None:
    if problems := cards.problems(account, card, "/payment_source/card"):
        raise PayPalError(422, problems)


def _customer(account: PayPalAccount) -> str:
    return account.ids.spelled(spelling("0123456789"), 10)


class _Keeper:
    """What orders ask of the vault."""

    def find(self, account: PayPalAccount, vault_id: str) -> dict[str, Any] | None:
        """The source behind a token."""
        it = account.of(PAYMENT_TOKENS).get(vault_id)
        return None if it is None else it.source

    def save(
        self, account: PayPalAccount, order_id: str, source: dict[str, Any], instruction: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Save what has just paid, now or later on."""
        vault = instruction.get("vault") or {}
        if vault.get("store_in_vault") != "ON_SUCCESS" or not account.settings.vaulting:
            return None
        customer = (instruction.get("customer") or {}).get("id") or _customer(account)
        delay = account.settings.vault_delay_seconds
        if not delay:
            it = keep(account, source, customer, order_id)
            return {"id": it.id, "status": VAULTED, "customer": {"id": customer}, "links": wire.links(account, it.id)}
        promise = account.of(PROMISES).add(
            Promise(id=account.long_id(), created=account.now(), customer=customer, source=source, order=order_id)
        )
        account.set_timer(account.now() + delay, _SAVED_LATER, promise.id)
        return {"status": APPROVED, "customer": {"id": customer}, "links": wire.order_link(account, order_id)}


vaulting.keeper(_Keeper())


@timer(_SAVED_LATER)
def saved_later(account: PayPalAccount, promise_id: str) -> None:
    """A promise is kept: the id of the token is in the event only."""
    it = account.of(PROMISES).get(promise_id)
    if it is not None:
        account.of(PROMISES).remove(it.id)
        keep(account, it.source, it.customer, it.order)
