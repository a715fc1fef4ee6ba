"""What must never be written, and what is written instead."""

from __future__ import annotations

from typing import Any


class Redactor:
    """Removes card data and secrets from texts and plain values."""

    def __init__(self) -> None:
        self._exact: dict[str, str] = {}

    def keep(self, value: str, label: str) -> None:
        """Register an exact value that must be removed wherever it appears."""
        if value:
            self._exact[value] = label

    def text(self, text: str) -> str:
        """A text without card data and secrets."""
        for value, label in self._exact.items():
            text = text.replace(value, f"[{label}]")
        return text

    def value(self, value: Any) -> Any:
        """A plain value (dict, list, text, number) without card data and secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(k)): self.value(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.value(v) for v in value]
        return value
