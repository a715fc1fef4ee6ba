"""The arguments of a run as somebody would type them for ``payharness run``: no machinery, no path of this machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness import resources

_OURS = {
    "--payharness-target": "--target",
    "--payharness-provider": "--provider",
    "--payharness-tags": "--tags",
    "--payharness-seed": "--seed",
    "--payharness-runs": "--run-dir",
}
_DEFAULTS = {"--target": "reference", "--seed": "0", "--run-dir": "runs"}
_WITH_VALUE = frozenset({"-p", "-c", "--rootdir", "--confcutdir", "--dist"})


def spoken(arguments: Iterable[object]) -> list[str]:
    """``run`` and what follows it, defaults left out; paths relative to the working folder or to the product."""
    said, rest = ["run"], iter([str(one) for one in arguments])
    for one in rest:
        name, _, value = one.partition("=")
        if name in _WITH_VALUE:
            if not value:
                next(rest, None)
        elif one == "-n":
            said += ["-n", next(rest, "")]
        elif option := _OURS.get(name):
            shown = _place(value) if option in {"--target", "--run-dir"} else value
            said += [] if shown == _DEFAULTS.get(option) else [option, shown]
        elif not one.startswith("-"):
            said.append(_place(one))
    return said


def _place(text: str) -> str:
    path, mark, scenario = text.partition("::")
    if not Path(path).is_absolute():
        return text
    for folder in (Path.cwd(), resources.root()):
        if Path(path).is_relative_to(folder):
            return f"{Path(path).relative_to(folder).as_posix()}{mark}{scenario}"
    return f"{Path(path).name}{mark}{scenario}"
