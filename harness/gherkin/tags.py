"""Tags carry meaning: each resolves to a defect, a requirement, a weakness, or a word with an explanation.

A tag that resolves to nothing is an error, for a requirement that nobody has heard of proves nothing.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from harness import resources
from harness.domain.verdicts import HarnessError

_WORDS = Path(__file__).parent / "data" / "tags.toml"
_FORMS = {
    "cwe": (re.compile(r"cwe-[1-9]\d{0,3}"), "cwe-347"),
    "asvs": (re.compile(r"asvs-V\d{1,2}\.\d{1,2}\.\d{1,2}"), "asvs-V2.2.2"),
    "wstg": (re.compile(r"wstg-[A-Z]{4}-\d{2}"), "wstg-BUSL-10"),
}


class TagError(ValueError):
    """A tag that resolves to nothing; the message names the nearest one that does."""


class Tags:
    """Every tag that means something.

    ``defects`` and ``requirements`` are files with an array of tables ``[[defect]]`` and ``[[requirement]]``, each
    with an ``id``; they are read when the first tag of their family is looked up.
    """

    def __init__(
        self,
        defects: Path | None = None,
        requirements: Path | None = None,
        words: Mapping[str, str] | None = None,
    ) -> None:
        self._defects = defects or resources.fixtures() / "defects" / "catalogue.toml"
        self._requirements = requirements or Path(resources.__file__).parent / "compliance/data/requirements.toml"
        self._words = dict(words or {})

    def check(self, tag: str) -> None:
        """Raise ``TagError`` unless a tag (without its @) means something."""
        family, _, rest = tag.partition("-")
        if family in _FORMS and rest:
            form, example = _FORMS[family]
            if not form.fullmatch(tag):
                raise TagError(f"@{tag} is not written as a {family.upper()} id is: write it as @{example}")
            return
        if tag not in self._listed(family):
            near = difflib.get_close_matches(tag, self._known(), 1, 0.3)
            hint = f"the nearest is @{near[0]}" if near else "see harness/gherkin/data/tags.toml"
            raise TagError(f"@{tag} means nothing: {hint}; words of your own go into a tags.toml beside your features")

    def add_words(self, path: Path) -> None:
        """Take the words of a suite's own ``tags.toml``."""
        words = _read(path).get("tags")
        if not isinstance(words, dict) or not all(isinstance(meaning, str) for meaning in words.values()):
            raise HarnessError(
                f'{path} holds no words: write a table [tags] of lines like black-friday = "what it means"'
            )
        self._words |= words
        self.__dict__.pop("_all_words", None)

    def _listed(self, family: str) -> Iterable[str]:
        if family == "defect":
            return self._defect_tags
        return self._requirement_tags if family == "pci" else self._all_words

    def _known(self) -> list[str]:
        return [*self._all_words, *self._defect_tags, *self._requirement_tags]

    @cached_property
    def _all_words(self) -> dict[str, str]:
        return {**_read(_WORDS)["tags"], **self._words}

    @cached_property
    def _defect_tags(self) -> dict[str, str]:
        return {f"defect-{one['id']}": one.get("title", "") for one in _read(self._defects)["defect"]}

    @cached_property
    def _requirement_tags(self) -> dict[str, str]:
        return {f"pci-{one['id']}": one.get("title", "") for one in _read(self._requirements)["requirement"]}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise HarnessError(f"{path} cannot be read ({error.strerror}): tags are checked against it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HarnessError(f"{path} is not a TOML file: {error}") from error
