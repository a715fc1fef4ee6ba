"""Cards as Square sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.simulator.square.account import SquareAccount
    from harness.simulator.square.state.objects import Card, FiledCard


def card(one: Card) -> dict[str, Any]:
    """A card in a payment."""
    return {
        "card_brand": one.brand,
        "last_4": one.last4,
        "exp_month": one.exp_month,
        "exp_year": one.exp_year,
        "fingerprint": one.fingerprint,
        "card_type": one.type,
        "prepaid_type": one.prepaid,
        "bin": one.bin,
    }


def filed(account: SquareAccount, one: FiledCard) -> dict[str, Any]:
    """A card on file."""
    shown: dict[str, Any] = {"id": one.id, **card(one.card)}
    if one.name is not None:
        shown["cardholder_name"] = one.name
    if one.billing is not None:
        shown["billing_address"] = one.billing
    shown |= {"customer_id": one.customer, "merchant_id": account.merchant_id}
    if one.reference is not None:
        shown["reference_id"] = one.reference
    return {**shown, "enabled": one.enabled, "version": one.version}
