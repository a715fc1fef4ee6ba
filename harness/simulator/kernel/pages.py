"""Pages that people see at a simulated provider: plain forms on one common frame (``frame/base.html``)."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from harness.simulator.kernel.messages import Answer

if TYPE_CHECKING:
    import jinja2

_KEPT = "%/:=&?~#+!$,;'@()*[]{}"
"""Characters of a URL that stay as they are."""


class Pages:
    """The pages of one provider.

    Args:
        package: where its ``pages`` folder is.
        provider: its name as people read it.
        accent: its colour, as CSS writes it.
        note: what stands on top of every page after "Simulated <provider>."
    """

    def __init__(self, package: str, provider: str, accent: str, note: str = "Nothing is charged.") -> None:
        self._package = package
        self._frame = {"provider": provider, "accent": accent, "note": note}

    @functools.cached_property
    def _environment(self) -> jinja2.Environment:
        # Most processes never show a page, and jinja2 takes a while to load.
        import jinja2

        own = jinja2.PackageLoader(self._package, "pages")
        common = jinja2.PackageLoader("harness.simulator.kernel", "frame")
        return jinja2.Environment(
            loader=jinja2.ChoiceLoader([own, common]),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )

    def html(self, status: int, template: str, **values: Any) -> Answer:
        """A page from a template."""
        text = self._environment.get_template(template).render(**self._frame, **values)
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"referrer-policy", b"no-referrer"),
        ]
        return Answer(status, text.encode(), headers)


def see_other(url: str) -> Answer:
    """Send a browser elsewhere."""
    return Answer(303, b"", [(b"location", quote(url, safe=_KEPT).encode()), (b"cache-control", b"no-store")])
