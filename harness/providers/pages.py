"""Reading the forms of a page, as far as a shopper needs them.

Where they go, what they hold, which buttons they have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from harness.domain.verdicts import HarnessError


@dataclass(slots=True)
class Form:
    """One form. ``fields``: name to preset value; ``buttons``: id, or name (with the value if taken), to attributes."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def values(self) -> dict[str, str]:
        """What the form sends as it stands."""
        return dict(self.fields)

    def pressed(self, button: str) -> tuple[str, dict[str, str]]:
        """Where the form goes, and what it sends, when this button is pressed."""
        attributes = self.buttons[button]
        action = urljoin(self.action, attributes.get("formaction", self.action))
        name = attributes.get("name")
        return action, {**self.fields, **({name: attributes.get("value", "")} if name else {})}


def forms(html: str, url: str) -> list[Form]:
    """All forms of a page; ``url`` is where the page was found."""
    reader = _Reader(url)
    reader.feed(html)
    return reader.found


def with_button(found: list[Form], value: str, what: str) -> tuple[Form, str]:
    """The form that has a button of this value, and the button's name; ``what`` is the page in words."""
    for form in found:
        for name, attributes in form.buttons.items():
            if attributes.get("value") == value:
                return form, name
    raise HarnessError(f"{what} shows no button {value!r}; it may be over already")


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.found: list[Form] = []
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("method", "get").upper(), urljoin(self._url, given.get("action", self._url)))
            self.found.append(self._form)
        elif self._form is None:
            return
        elif tag == "button" or (tag == "input" and given.get("type") in {"submit", "button"}):
            name = given.get("id") or given.get("name") or "submit"
            if name in self._form.buttons:  # several buttons of one name differ by what they send
                name = f"{name}={given.get('value', '')}"
            self._form.buttons[name] = given
        elif tag in {"input", "select", "textarea"} and given.get("name"):
            if given.get("type") in {"checkbox", "radio"} and "checked" not in given:
                self._form.fields.setdefault(given["name"], "")
            else:
                self._form.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
