"""Every notebook runs from top to bottom in an empty folder, and shows neither card data nor secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.domain.providers import Provider
from harness.domain.verdicts import Verdict
from harness.record.reader import Run
from harness.reporting import guard

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.fixture(scope="module", params=sorted(NOTEBOOKS.glob("*.md")), ids=lambda path: path.stem)
def executed(request, tmp_path_factory):
    """A notebook with its outputs, and the folder that it ran in."""
    import jupytext
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp(request.param.stem)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            (folder / ".jupyter" / name.lower()).mkdir(parents=True)
            patch.setenv(name, str(folder / ".jupyter" / name.lower()))
        notebook = jupytext.read(request.param)
        NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    return notebook, folder


def _outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


@pytest.mark.slow
def test_a_notebook_runs_to_its_end_and_shows_something_in_every_cell_but_the_imports(executed):
    notebook, _ = executed
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in cells if not cell.outputs] == [cells[0].source]
    assert not [output for output in _outputs(notebook) if output.output_type == "error"]


@pytest.mark.slow
def test_what_a_notebook_shows_holds_no_card_data_and_no_secret(executed):
    notebook, _ = executed
    shown = json.dumps([dict(output) for output in _outputs(notebook)], ensure_ascii=False, default=dict)
    assert list(guard.find(shown)) == []


@pytest.mark.slow
def test_the_reference_passes_what_a_notebook_runs(executed):
    _, folder = executed
    run = Run.load(folder=folder / "runs")
    ended = {provider: {one.verdict for one in run.scenarios if one.provider == provider} for provider in Provider}
    assert ended[Provider.STRIPE] == {Verdict.PASSED}
    assert ended[Provider.PAYPAL] == {Verdict.PASSED, Verdict.NOT_APPLICABLE}, "the notebook shows what was not judged"


@pytest.mark.slow
def test_drawings_are_part_of_the_notebook(executed):
    notebook, _ = executed
    drawings = [
        output["data"]["image/svg+xml"] for output in _outputs(notebook) if "image/svg+xml" in output.get("data", {})
    ]
    assert len(drawings) == 5
    assert all("http://" not in one.replace("http://www.w3.org/2000/svg", "") for one in drawings)
