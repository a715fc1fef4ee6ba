"""Expressions over tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gherkin.selection import SelectionError, parse

TAGS = ["a", "b-1", "pci-6.2.4", "asvs-V2.2.2"]
expressions = st.recursive(
    st.sampled_from(TAGS).map(lambda tag: (f"@{tag}", lambda tags: tag in tags)),
    lambda inner: st.one_of(
        inner.map(lambda one: (f"not {one[0]}", lambda tags: not one[1](tags))),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]} and {two[1][0]})", lambda tags: two[0][1](tags) and two[1][1](tags))
        ),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]} or {two[1][0]})", lambda tags: two[0][1](tags) or two[1][1](tags))
        ),
    ),
)


@given(expressions, st.sets(st.sampled_from(TAGS)))
def test_an_expression_means_what_it_says(expression, tags):
    text, meaning = expression
    assert parse(text).selects(tags) == meaning(tags)


@pytest.mark.parametrize(
    ("text", "tags", "selected"),
    [
        ("a or b-1 and pci-6.2.4", {"a"}, True),
        ("(a or b-1) and pci-6.2.4", {"a"}, False),
        ("not a and b-1", {"b-1"}, True),
        ("not not a", {"a"}, True),
        ("  a  ", {"a"}, True),
    ],
)
def test_and_binds_closer_than_or(text, tags, selected):
    assert parse(text).selects(tags) is selected


def test_the_tags_that_an_expression_names_are_known():
    assert parse("a and not (@b-1 or a)").tags == ("a", "b-1")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "its end: a tag, 'not' or an opening parenthesis is expected there"),
        ("a and", "its end: a tag"),
        ("a b", "character 3 ('b'): 'and', 'or' or the end is expected there"),
        ("(a or b", "its end: a closing parenthesis is expected there"),
        ("a)", "character 2 (')'): 'and', 'or' or the end"),
        ("and a", "character 1 ('and'): a tag"),
        ("a @ b", "character 3"),
    ],
)
def test_an_expression_that_cannot_be_read_says_where(text, where):
    with pytest.raises(SelectionError) as caught:
        parse(text)
    assert f"cannot be read at {where}" in str(caught.value)
