"""Making a target from its profile: the HTTP one, or a Python class that stands in for it."""

from __future__ import annotations

import importlib
from pathlib import Path

from harness.targets.contract import Watch
from harness.targets.http import HttpTarget
from harness.targets.profile import Profile, ProfileError


def open_target(profile: Profile, folder: Path, *, run_id: str = "", watch: Watch | None = None) -> HttpTarget:
    """The target of a profile, not started yet; ``folder`` is scratch space for its logs and data."""
    kind = _plugin(profile) if profile.target.plugin else HttpTarget
    return kind(profile, folder, run_id=run_id, watch=watch)


def _plugin(profile: Profile) -> type[HttpTarget]:
    """The class ``module:Class``, which derives from ``HttpTarget`` and overrides what it does in its own way."""
    name = profile.target.plugin or ""
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ProfileError(
            f"{profile.file}: plugin {name!r} cannot be loaded ({error}); write it as module:Class"
        ) from error
    if not (isinstance(found, type) and issubclass(found, HttpTarget)):
        raise ProfileError(f"{profile.file}: plugin {name!r} is not a class derived from harness.targets.HttpTarget")
    return found
