"""Braces are filled with values of their own type; what is optional and absent leaves no trace."""

from __future__ import annotations

import pytest

from harness.targets import jsonpath, template

LOOK = template.within({"id": "or_1", "lines": [{"sku": "pot"}], "n": 3, "shop": {"url": "http://x"}, "none": None})


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ("{id}", "or_1"),
        ("{lines}", [{"sku": "pot"}]),
        ("{n}", 3),
        ("/orders/{id}/lines/{n}", "/orders/or_1/lines/3"),
        ("{shop.url}/hook", "http://x/hook"),
        ({"a": "{id}", "b": "{email?}", "c": {"d": "{none?}"}}, {"a": "or_1", "c": {}}),
        ({"Authorization": "Bearer {token?}"}, {}),
        (["{id}", "{email?}"], ["or_1"]),
        ("{{literal}}", "{literal}"),
        (7, 7),
    ],
)
def test_a_template_is_filled(given, filled):
    assert template.fill(given, LOOK) == filled


def test_a_name_that_nobody_knows_is_named():
    with pytest.raises(template.MissingValueError, match="email"):
        template.fill("{email}", LOOK)


def test_the_names_of_a_template_are_found_wherever_they_stand():
    assert list(template.names({"a": ["{b}", {"c": "x{d.e?}"}], "{f}": 1})) == ["b", "d.e", "f"]


DOCUMENT = {"a": {"b": [1, 2, {"c": "x"}]}, "effects": [{"kind": "mail", "at": 1}, {"kind": "ship", "at": 2}], "s": "t"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b[0]", 1),
        ("$.a.b[-1].c", "x"),
        ("a.b[9]", None),
        ("a.z.b", None),
        ("s.t", None),
        ("effects[*].kind", ["mail", "ship"]),
        ("effects[?kind=ship]", [{"kind": "ship", "at": 2}]),
        ("effects[?kind=ship].at", [2]),
        ("effects[?kind=none]", []),
        ("$", DOCUMENT),
    ],
)
def test_a_path_leads_to_its_value(path, found):
    assert jsonpath.find(DOCUMENT, path) == found


@pytest.mark.parametrize("path", ["a..[b", "a[b", "a[?kind]", "[]"])
def test_a_text_that_is_no_path_is_refused(path):
    with pytest.raises(jsonpath.PathError, match="is not a path such as"):
        jsonpath.parse(path)
