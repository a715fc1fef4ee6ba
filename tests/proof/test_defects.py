"""The defect catalogue is whole, and every link in it leads somewhere."""

import pytest

from harness.compliance.catalogue import requirements, weaknesses
from harness.proof.defects import UnknownDefectError, catalogue

_GROUPS = {"W": 39, "F": 10, "C": 10, "R": 13, "M": 9, "D": 5, "B": 7, "E": 4, "P": 10, "L": 5}
_DEFECTS = list(catalogue().values())


def test_it_has_all_112_defects():
    expected = [f"{group}{n:02d}" for group, count in _GROUPS.items() for n in range(1, count + 1)]
    assert list(catalogue()) == expected
    assert len(expected) == 112


@pytest.mark.parametrize("defect", _DEFECTS, ids=lambda d: d.id)
def test_every_entry_is_complete_and_its_links_exist(defect):
    assert defect.providers
    assert defect.channels
    assert defect.cwe
    assert defect.pci
    for number in defect.pci:
        assert number in requirements()
    for link in (*defect.cwe, *defect.asvs, *defect.wstg):
        assert link in weaknesses()
    for sentence in (defect.shows, defect.cost, defect.detection):
        assert sentence.endswith(".")
    assert not defect.title.endswith(".")


def test_titles_are_unique():
    assert len({d.title for d in _DEFECTS}) == len(_DEFECTS)


def test_an_unknown_id_names_the_nearest():
    with pytest.raises(UnknownDefectError):
        raise UnknownDefectError("W171", catalogue(), "of the catalogue")
    assert "W17" in str(UnknownDefectError("w17x", catalogue(), "of the catalogue"))
