"""The target contract, profiles, probes, launching: the only way in which the harness meets an integration."""

from harness.targets.contract import OPERATIONS, Answer, Raw, Target, Watch
from harness.targets.http import HttpTarget, exchange_of
from harness.targets.opening import open_target
from harness.targets.profile import Profile, ProfileError, available, load

__all__ = [
    "OPERATIONS",
    "Answer",
    "HttpTarget",
    "Profile",
    "ProfileError",
    "Raw",
    "Target",
    "Watch",
    "available",
    "exchange_of",
    "load",
    "open_target",
]
