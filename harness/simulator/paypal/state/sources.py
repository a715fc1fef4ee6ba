"""What pays for an order: a wallet, a card, something saved. Read from a request, checked, looked up."""

from __future__ import annotations

from typing import Any

from harness.simulator.paypal import vaulting
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import PayPalError, unprocessable
from harness.simulator.paypal.state import cards
from harness.simulator.paypal.state.schemas import OTHERS

_POINTER = "/payment_source"


def read(account: PayPalAccount, sent: dict[str, Any] | None) -> dict[str, Any] | None:
    """The one source of a request: ``{"card": ...}`` or ``{"paypal": ...}``; None where there is none.

    A saved source is looked up: the result carries what was saved, with the ``vault_id``.

    Raises:
        PayPalError: 422 for several, unknown, unusable ones.
    """
    if not sent:
        return None
    if len(sent) > 1:
        raise unprocessable("ONLY_ONE_PAYMENT_SOURCE_ALLOWED", _POINTER)
    kind, source = next(iter(sent.items()))
    if kind in OTHERS:
        raise unprocessable("PAYMENT_SOURCE_CANNOT_BE_USED", f"{_POINTER}/{kind}")
    _no_agreement(kind, source)
    if kind == "token":
        return _saved(account, source["id"], None, f"{_POINTER}/token/id", {})
    if kind == "card" and not account.settings.card_processing:
        raise unprocessable("NOT_ENABLED_FOR_CARD_PROCESSING", f"{_POINTER}/card")
    if "vault_id" in source:
        return _saved(account, source["vault_id"], kind, f"{_POINTER}/{kind}/vault_id", source)
    if kind == "card":
        problems = cards.problems(account, source, f"{_POINTER}/card")
        if problems:
            raise PayPalError(422, problems)
    return {kind: source}


def pays_at_once(source: dict[str, Any] | None) -> bool:
    """Whether nobody has to approve: a card, or something saved."""
    return source is not None and ("card" in source or "vault_id" in source["paypal"])


def instructed(sent: dict[str, Any]) -> None:
    """Refuse an order that PayPal is to complete by itself: it does so for sources that are not here only."""
    asked = sent.get("processing_instruction")
    if asked == "ORDER_COMPLETE_ON_PAYMENT_APPROVAL" and sent.get("payment_source"):
        raise unprocessable("UNSUPPORTED_PROCESSING_INSTRUCTION", "/processing_instruction", asked)


def context(sent: dict[str, Any], source: dict[str, Any] | None) -> dict[str, Any]:
    """``experience_context`` of the source, over the older ``application_context``."""
    found = dict(sent.get("application_context") or {})
    for one in (source or {}).values():
        found |= one.get("experience_context") or {}
    return found


def _no_agreement(kind: str, source: dict[str, Any]) -> None:
    """Billing agreements are the vault's forerunner; nobody can have made one here."""
    if kind == "token" and source["type"] == "BILLING_AGREEMENT":
        raise unprocessable("BILLING_AGREEMENT_NOT_FOUND", f"{_POINTER}/token/id", source["id"])
    if kind == "paypal" and "billing_agreement_id" in source:
        pointer = f"{_POINTER}/paypal/billing_agreement_id"
        raise unprocessable("BILLING_AGREEMENT_NOT_FOUND", pointer, source["billing_agreement_id"])


def _saved(
    account: PayPalAccount, vault_id: str, kind: str | None, pointer: str, sent: dict[str, Any]
) -> dict[str, Any]:
    found = vaulting.find(account, vault_id)
    if found is None:
        raise unprocessable("TOKEN_ID_NOT_FOUND", pointer, vault_id)
    saved_kind, saved = next(iter(found.items()))
    if kind is not None and saved_kind != kind:
        raise unprocessable("MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE", pointer, vault_id)
    return {saved_kind: {**saved, **sent, "vault_id": vault_id}}
