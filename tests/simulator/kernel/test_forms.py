"""Forms as payment clients write them: bracket nesting, arrays, limits, uploads."""

from __future__ import annotations

from typing import Any

import pytest

from harness.simulator.kernel import forms
from harness.simulator.kernel.forms import FormError, IndexedList, parse_form, parse_multipart, parse_query


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", {}),
        (b"amount=2000&currency=usd", {"amount": "2000", "currency": "usd"}),
        (b"name=", {"name": ""}),
        (b"flag", {"flag": ""}),
        (b"a=1&a=2", {"a": "2"}),
        (b"metadata[order]=12&metadata[shop]=x", {"metadata": {"order": "12", "shop": "x"}}),
        (
            b"items[0][price]=p&items[0][quantity]=2&items[1][price]=q",
            {"items": [{"price": "p", "quantity": "2"}, {"price": "q"}]},
        ),
        (b"expand[]=a&expand[]=b", {"expand": ["a", "b"]}),
        (b"expand[1]=b&expand[0]=a", {"expand": ["a", "b"]}),
        (b"a[0]=x&a[]=y&a[]=z", {"a": ["x", "y", "z"]}),
        (b"a[][b]=1&a[][c]=2&a[][b]=3", {"a": [{"b": "1", "c": "2"}, {"b": "3"}]}),
        (b"a[b][]=1&a[b][]=2", {"a": {"b": ["1", "2"]}}),
        (b"created%5Bgte%5D=5", {"created": {"gte": "5"}}),
        (b"n=J%C3%BCrgen+M&plus=1%2B1", {"n": "Jürgen M", "plus": "1+1"}),
        ("n=Jürgen".encode(), {"n": "Jürgen"}),
        (b"a%5b0%5d=x&b=%255B", {"a": ["x"], "b": "%5B"}),
        (b"metadata[a.b]=1&metadata[0x]=2", {"metadata": {"a.b": "1", "0x": "2"}}),
    ],
)
def test_a_form_is_read_into_nested_values(body: bytes, expected: dict[str, Any]) -> None:
    assert parse_form(body) == expected
    assert parse_query(body) == expected


def test_numbers_as_keys_are_kept_for_maps() -> None:
    metadata = parse_form(b"metadata[5]=x&metadata[17]=y")["metadata"]
    assert isinstance(metadata, IndexedList)
    assert dict(zip(metadata.keys, metadata, strict=True)) == {"5": "x", "17": "y"}


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a[b]=2",
        b"a[b]=1&a=1",
        b"a[b]=1&a[b][c]=2",
        b"a[b][c]=1&a[b]=2",
        b"a[b]=1&a[]=2",
        b"a[b=1",
        b"a[b]c=1",
        b"a[b]]=1",
        b"[b]=1",
        b"a=%zz",
        b"a=%",
        b"a=%ff",
        b"a=\xff",
        b"a" + b"[b]" * 40 + b"=1",
        b"&".join(b"a%d=1" % number for number in range(forms.MAX_PAIRS + 1)),
        b"a=" + b"x" * forms.MAX_BYTES,
    ],
)
def test_a_form_that_cannot_be_read_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(FormError, match=r"^The .*\.$"):
        parse_form(body)


def _part(headers: str, content: bytes) -> bytes:
    return b"--XX\r\n" + headers.encode() + b"\r\n\r\n" + content + b"\r\n"


def test_a_multipart_body_gives_its_fields_and_files() -> None:
    body = (
        _part('Content-Disposition: form-data; name="purpose"', b"dispute_evidence")
        + _part('Content-Disposition: form-data; name="file_link_data[create]"', b"true")
        + _part(
            'Content-Disposition: form-data; name="file"; filename="r.png"\r\nContent-Type: image/png',
            b"\x89PNG\r\n--X",
        )
        + b"--XX--\r\n"
    )
    fields, files = parse_multipart(body, "multipart/form-data; boundary=XX")
    assert fields == {"purpose": "dispute_evidence", "file_link_data": {"create": "true"}}
    assert files["file"] == forms.UploadedFile("r.png", "image/png", b"\x89PNG\r\n--X")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"x", "multipart/form-data"),
        (b"nonsense", "multipart/form-data; boundary=XX"),
        (_part('Content-Disposition: form-data; name="a"', b"cut"), "multipart/form-data; boundary=XX"),
        (
            _part('Content-Disposition: form-data; name="a"', b"\xff") + b"--XX--\r\n",
            "multipart/form-data; boundary=XX",
        ),
        (b"", "multipart/form-data; boundary=XX"),
    ],
)
def test_a_multipart_body_that_cannot_be_read_is_refused_with_a_sentence(body: bytes, content_type: str) -> None:
    with pytest.raises(FormError, match=r"^The .*\.$"):
        parse_multipart(body, content_type)
