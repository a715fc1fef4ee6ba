"""Verification finds any changed, missing or added byte of a run."""

import shutil
import tempfile
from pathlib import Path

import pytest
from builders import build_run
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.record import manifest, store
from harness.record.verify import verify


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    build_run(folder)
    return build_run(folder)


@pytest.fixture
def copy(sealed, tmp_path):
    shutil.copytree(sealed.parent, tmp_path / "runs")
    return tmp_path / "runs" / sealed.name


def sentences(run):
    return [finding.sentence for finding in verify(run)]


def test_a_sealed_run_is_vouched_for(sealed):
    assert verify(sealed) == []


def test_a_run_that_was_carried_away_alone_is_vouched_for(sealed, tmp_path):
    shutil.copytree(sealed, tmp_path / "for the auditor")
    assert verify(tmp_path / "for the auditor") == []


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_flipped_byte_of_any_file_is_found(sealed, data):
    files = sorted(path for path in sealed.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    before = path.read_bytes()
    at = data.draw(st.integers(0, len(before) - 1))
    flipped = bytearray(before)
    flipped[at] ^= data.draw(st.integers(1, 255))
    try:
        path.write_bytes(flipped)
        assert verify(sealed), (path, at)
    finally:
        path.write_bytes(before)
    assert verify(sealed) == []


@settings(max_examples=100, deadline=None)
@given(data=st.data(), cut=st.booleans())
def test_any_byte_removed_or_added_is_found(sealed, data, cut):
    path = data.draw(st.sampled_from(sorted(path for path in sealed.rglob("*") if path.is_file())))
    before = path.read_bytes()
    at = data.draw(st.integers(0, len(before) - 1))
    try:
        path.write_bytes(before[:at] + (before[at + 1 :] if cut else b" " + before[at:]))
        assert verify(sealed), (path, at)
    finally:
        path.write_bytes(before)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_removed_file_is_found(sealed, data):
    path = data.draw(st.sampled_from(sorted(path for path in sealed.rglob("*") if path.is_file())))
    before = path.read_bytes()
    try:
        path.unlink()
        assert verify(sealed), path
    finally:
        path.write_bytes(before)


@settings(max_examples=50, deadline=None)
@given(name=st.from_regex(r"\A[a-z0-9_.]{1,12}\Z").filter(lambda name: name.strip(".")), below=st.booleans())
def test_any_added_file_is_found(sealed, name, below):
    with tempfile.TemporaryDirectory() as scratch:
        run = Path(scratch) / "run"
        shutil.copytree(sealed, run)
        path = run / "evidence" / name if below else run / name
        if path.exists():
            return
        path.write_bytes(b"")
        assert any("was added" in sentence for sentence in sentences(run))


def test_an_added_folder_and_a_link_are_found(copy):
    (copy / "more").mkdir()
    (copy / "run.json").rename(copy.parent / "elsewhere.json")
    (copy / "run.json").symlink_to(copy.parent / "elsewhere.json")
    said = sentences(copy)
    assert any("more was added: a folder" in one for one in said)
    assert any("run.json is a link now; it was a file" in one for one in said)


def test_a_file_that_was_changed_is_named(copy):
    path = copy / "evidence" / "EV-0001.json"
    path.write_bytes(path.read_bytes().replace(b"passed", b"failed"))
    assert sentences(copy) == [f"{path} was changed (same size, other bytes)"]


def reseal(run):
    """What somebody does who knows how the manifest is made."""
    previous = store.read_info(run).previous
    (run / manifest.NAME).unlink()
    (run / manifest.NAME).write_bytes(manifest.encode(manifest.build(run, run.name, previous)))


def test_an_edited_description_of_the_run_is_found_even_under_a_new_manifest(copy):
    path = copy / "run.json"
    path.write_bytes(path.read_bytes().replace(b'"target": "reference"', b'"target": "something"'))
    reseal(copy)
    assert any("events.ndjson:1 does not follow from run.json" in one for one in sentences(copy))


def test_an_edited_event_is_found_even_under_a_new_manifest(copy):
    path = copy / "events.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if b'"status":201' in line)
    lines[at] = lines[at].replace(b'"status":201', b'"status":500')
    path.write_bytes(b"".join(lines))
    reseal(copy)
    assert any(f"events.ndjson:{at + 2} does not follow from line {at + 1}" in one for one in sentences(copy))


def test_a_removed_event_is_found_even_under_a_new_manifest(copy):
    path = copy / "events.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], *lines[4:]]))
    reseal(copy)
    assert any("events.ndjson:4 does not follow" in one for one in sentences(copy))


def test_a_new_manifest_of_the_run_before_is_found_by_the_next(sealed, copy):
    first = store.runs(copy.parent)[0]
    path = first / "evidence" / "EV-0001.json"
    path.write_bytes(path.read_bytes().replace(b"passed", b"failed"))
    reseal(first)
    assert any(f"the run before {copy.name}" in one and "was changed since" in one for one in sentences(copy))


def test_a_run_before_that_was_removed_is_found_where_others_are_left(copy):
    first = store.runs(copy.parent)[0]
    build_run(copy.parent)
    shutil.rmtree(first)
    assert any("is not in" in one for one in sentences(copy))


def test_a_run_that_was_never_sealed_says_how_to_seal_it(copy):
    (copy / manifest.NAME).unlink()
    assert len(sentences(copy)) == 1
    assert "`payharness report" in sentences(copy)[0]
