"""`payharness report`: where the report is, or one sentence and the right exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from reporting import synthetic_runs

from harness.cli.report import report
from harness.record import store


@pytest.fixture
def ask(some_run, tmp_path):
    def asked(run=None, **options):
        chosen = {"saq": "A", "formats": "html", "out": tmp_path / "out", "run_dir": some_run.parent} | options
        return report(run, **chosen)

    return asked


def test_the_last_run_is_reported_by_default(ask, tmp_path, capsys):
    assert ask() == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "out" / "report.html")]
    assert (tmp_path / "out" / "report.html").is_file()


def test_a_run_is_named_by_its_id_or_its_folder(ask, some_run):
    assert ask(some_run.name) == 0
    assert ask(str(some_run), run_dir=Path("nowhere")) == 0


def test_reports_go_beside_each_other_by_run_where_no_folder_is_named(ask, some_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ask(out=None, formats="html,junit") == 0
    assert {p.name for p in (tmp_path / "reports" / some_run.name).iterdir()} == {"report.html", "junit.xml"}


@pytest.mark.parametrize(
    ("run", "options", "sentence"),
    [
        (None, {"formats": "htlm"}, "did you mean html?"),
        (None, {"formats": "oscal"}, "does not write oscal yet"),
        (None, {"saq": "B"}, "SAQ B is not known"),
        ("20200101T000000Z-000000", {}, "there is no run 20200101T000000Z-000000"),
        ("../etc/passwd", {}, "is not a run"),
        (None, {"run_dir": Path("nowhere")}, "there is no run in nowhere yet: make one with `payharness run`"),
    ],
)
def test_a_wrong_word_gets_one_sentence_and_exit_code_2(run, options, sentence, ask, capsys):
    assert ask(run, **options) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_the_questionnaire_may_be_written_in_small_letters(ask):
    assert ask(saq="a-ep") == 0


def test_card_data_in_a_run_gets_one_sentence_and_exit_code_3(ask, tmp_path, capsys):
    leaky = synthetic_runs.scenario(1, reason="4242" * 4)
    synthetic_runs.written(tmp_path / "runs", [leaky], unredacted=True)
    assert ask(run_dir=tmp_path / "runs") == 3
    assert "no report was written: it would show a card number (424242******4242)" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_run_that_is_still_under_way_is_not_reported(ask, tmp_path, capsys):
    path = store.create(tmp_path / "runs", synthetic_runs.info(finished=None))
    stream = store.open_stream(path, "main", alone=True)
    try:
        assert ask(run_dir=tmp_path / "runs") == 3
    finally:
        stream.close()
    assert "still under way: wait until it has ended" in capsys.readouterr().err
