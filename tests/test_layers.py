"""The import rules of ARCHITECTURE.md, read from the code's own imports."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _rules() -> dict[str, str]:
    """Rows of the layer table: package -> what it may import, in the table's own words."""
    table = (ROOT / "ARCHITECTURE.md").read_text()
    return dict(re.findall(r"^\| `(harness\.[a-z]+|reference_impl)` \| .*? \| (.*?) \|$", table, re.MULTILINE))


def _allowed(package: str, words: str) -> set[str]:
    if words.startswith("everything"):
        return {f"harness.{p.stem}" for p in (ROOT / "harness").iterdir()}
    names = {f"harness.{name}" for name in re.findall(r"`([a-z]+)`", words)}
    return names | {package}


def _imports(path: Path) -> set[str]:
    """Full dotted names of ours that a module imports, wherever in the module the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            package = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
            found |= {".".join([*package, *(node.module or "").split("."), alias.name]) for alias in node.names}
    return {name for name in found if name.split(".")[0] in {"harness", "reference_impl"}}


def _offences(package: str, allowed: set[str]) -> list[str]:
    folder = ROOT / Path(*package.split("."))
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted(folder.rglob("*.py"))
        for name in sorted(_imports(path))
        if not any(name == one or name.startswith(f"{one}.") for one in allowed)
    ]


@pytest.mark.parametrize("package", sorted(_rules()))
def test_a_layer_imports_only_what_the_table_allows(package):
    assert _offences(package, _allowed(package, _rules()[package])) == []


def test_every_package_of_the_harness_has_a_row_in_the_table():
    packages = {f"harness.{p.parent.name}" for p in (ROOT / "harness").glob("*/__init__.py")}
    assert packages | {"reference_impl"} == set(_rules())


def test_the_reference_never_imports_the_harness_nor_the_other_way_round():
    reference = {n for p in (ROOT / "reference_impl").rglob("*.py") for n in _imports(p) if n.startswith("harness")}
    harness = {n for p in (ROOT / "harness").rglob("*.py") for n in _imports(p) if n.startswith("reference_impl")}
    assert (reference, harness) == (set(), set())


def test_only_the_gateways_of_the_reference_import_a_providers_sdk():
    sdks = {"stripe", "paypalserversdk", "square"}
    users = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "reference_impl").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Import) and any(a.name.split(".")[0] in sdks for a in node.names))
        or (isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] in sdks)
    }
    assert all(user.startswith("reference_impl/gateways/") for user in users), users


def test_a_forbidden_import_would_be_found(tmp_path, monkeypatch):
    folder = tmp_path / "harness" / "domain"
    folder.mkdir(parents=True)
    (folder / "bad.py").write_text("def late():\n    from harness.targets import load\n    return load\n")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert _offences("harness.domain", {"harness.domain"}) == ["harness/domain/bad.py imports harness.targets.load"]
