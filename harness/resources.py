"""Where the product's data lives: in the checkout while it is developed, inside the package once it is installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_data"


def root() -> Path:
    """Folder that holds ``features``, ``fixtures``, ``notebooks`` and ``reports/templates``."""
    return _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent


def features() -> Path:
    """The feature suite."""
    return root() / "features"


def fixtures() -> Path:
    """Instruments, catalogue of goods, target profiles, defects."""
    return root() / "fixtures"


def notebooks() -> Path:
    """The text notebooks."""
    return root() / "notebooks"


def templates() -> Path:
    """Report templates."""
    return root() / "reports" / "templates"
