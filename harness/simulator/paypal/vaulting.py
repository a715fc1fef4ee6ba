"""What orders ask of the vault: a saved source that pays, and a source to save. The vault's room answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from harness.simulator.paypal.account import PayPalAccount


class Keeper(Protocol):
    """Who keeps payment tokens."""

    def find(self, account: PayPalAccount, vault_id: str) -> dict[str, Any] | None:
        """The source behind a ``vault_id``: ``{"card": {...}}`` or ``{"paypal": {...}}``; None for an unknown one.

        A card carries what decides about its payments: ``number`` (or what stands for it), ``name``, ``expiry``.
        """

    def save(
        self, account: PayPalAccount, order_id: str, source: dict[str, Any], instruction: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Save the source of a purchase that has just succeeded.

        Args:
            account: whose customer it is.
            order_id: the purchase.
            source: ``{"card": {...}}`` or ``{"paypal": {...}}`` as ``find`` gives it back.
            instruction: ``attributes`` of the source in the order: ``vault`` and ``customer``.

        Returns:
            ``attributes.vault`` of the answer: ``{"id", "status", "customer", "links"}``; None if nothing is saved.
        """


class _Nobody:
    def find(self, account: PayPalAccount, vault_id: str) -> dict[str, Any] | None:
        del account, vault_id
        return None

    def save(
        self, account: PayPalAccount, order_id: str, source: dict[str, Any], instruction: dict[str, Any]
    ) -> dict[str, Any] | None:
        del account, order_id, source, instruction
        return None


_keeper: list[Keeper] = [_Nobody()]


def keeper(one: Keeper) -> None:
    """Register who keeps payment tokens."""
    _keeper[0] = one


def find(account: PayPalAccount, vault_id: str) -> dict[str, Any] | None:
    """As ``Keeper.find``."""
    return _keeper[0].find(account, vault_id)


def save(
    account: PayPalAccount, order_id: str, source: dict[str, Any], instruction: dict[str, Any]
) -> dict[str, Any] | None:
    """As ``Keeper.save``."""
    return _keeper[0].save(account, order_id, source, instruction)
