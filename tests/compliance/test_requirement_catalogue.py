"""The requirement catalogue is complete, consistent and in our own words."""

import re

import pytest

from harness import resources
from harness.compliance.catalogue import Mark, Saq, eligibility, requirements, resolve, weaknesses

_NUMBER = re.compile(r"^(A2\.1\.1|\d{1,2}(\.\d{1,2}){2,4})$")


@pytest.mark.parametrize(("saq", "rows"), [(Saq.A, 27), (Saq.A_EP, 139), (Saq.D, 234)])
def test_each_questionnaire_holds_all_its_rows(saq, rows):
    assert sum(saq in r.saq for r in requirements().values()) == rows


def test_questionnaires_contain_each_other():
    for r in requirements().values():
        assert Saq.D in r.saq, r.id
        assert Saq.A not in r.saq or Saq.A_EP in r.saq, r.id


def test_numbers_have_the_standards_form_and_order():
    ids = list(requirements())
    assert all(_NUMBER.match(i) for i in ids)
    numeric = [tuple(map(int, i.split("."))) for i in ids if i[0] != "A"]
    assert numeric == sorted(numeric)
    assert len(set(ids)) == len(ids)


def test_script_rows_left_saq_a_with_its_first_revision():
    assert all(Saq.A not in requirements()[i].saq for i in ("6.4.3", "11.6.1", "12.3.1"))


def test_what_the_harness_can_show_is_said_in_a_sentence():
    for r in requirements().values():
        assert r.methods, r.id
        assert r.title[0].isupper() or r.title[0].isdigit(), r.id
        assert not r.title.endswith("."), r.id
        if r.mark is not Mark.HUMAN:
            assert r.evidence.endswith("."), r.id
            assert not r.evidence.startswith("None"), r.id


def test_eligibility_names_requirements_that_exist():
    for condition in eligibility():
        assert set(condition.requirements) <= set(requirements()), condition.id


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("@pci-6.2.4", "6.2.4"),
        ("cwe-347", "CWE-347"),
        ("@asvs-V2.3.3", "V2.3.3"),
        ("@wstg-BUSL-10", "WSTG-BUSL-10"),
        ("@pci-6.9.9", None),
        ("@critical", None),
    ],
)
def test_a_tag_leads_to_its_entry(tag, found):
    entry = resolve(tag)
    assert (entry.id if entry else None) == found


def test_weakness_ids_have_the_form_of_their_framework():
    forms = {"cwe": r"CWE-\d+", "asvs": r"V\d+\.\d+\.\d+", "wstg": r"WSTG-[A-Z]{4}-\d\d"}
    for w in weaknesses().values():
        assert re.fullmatch(forms[w.framework], w.id), w.id


def test_every_compliance_tag_of_the_features_leads_to_an_entry():
    for feature in resources.features().rglob("*.feature"):
        lines = [line for line in feature.read_text("utf-8").splitlines() if line.strip().startswith("@")]
        for tag in " ".join(lines).split():
            if tag.startswith(("@pci-", "@cwe-", "@asvs-", "@wstg-")):
                assert resolve(tag), f"{tag} in {feature}"
