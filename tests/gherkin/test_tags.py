"""A tag means something, or it is an error."""

import pytest

from harness.domain.verdicts import HarnessError
from harness.gherkin.tags import TagError, Tags


@pytest.fixture(scope="module")
def tags():
    return Tags()


@pytest.mark.parametrize(
    "tag",
    ["critical", "simulator-only", "webhooks", "cwe-347", "asvs-V2.2.2", "wstg-BUSL-10", "defect-W17", "pci-6.2.4"],
)
def test_what_means_something_is_taken(tags, tag):
    tags.check(tag)


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ("criticl", "@criticl means nothing: the nearest is @critical"),
        ("defect-17", "@defect-17 means nothing: the nearest is @defect-"),
        ("pci-99", "@pci-99 means nothing: the nearest is @pci-"),
        ("cwe-", "@cwe- means nothing"),
        ("cwe-012", "write it as @cwe-347"),
        ("asvs-2.2.2", "write it as @asvs-V2.2.2"),
        ("wstg-busl-10", "write it as @wstg-BUSL-10"),
        ("Critical", "@Critical means nothing: the nearest is @critical"),
    ],
)
def test_what_means_nothing_names_what_does(tags, tag, sentence):
    with pytest.raises(TagError) as caught:
        tags.check(tag)
    assert sentence in str(caught.value)


def test_catalogues_are_read_when_a_tag_of_theirs_is_looked_up(tmp_path):
    lazy = Tags(defects=tmp_path / "missing.toml", requirements=tmp_path / "missing.toml")
    lazy.check("critical")
    with pytest.raises(HarnessError, match=r"missing\.toml cannot be read"):
        lazy.check("defect-W01")


def test_words_of_a_suite_are_added(tmp_path):
    (tmp_path / "tags.toml").write_text('[tags]\nours = "ours"\n')
    mine = Tags()
    mine.check("critical")
    mine.add_words(tmp_path / "tags.toml")
    mine.check("ours")


@pytest.mark.parametrize("text", ["[tags", "other = 1", "tags = 3", "[tags]\na = 1"])
def test_words_that_cannot_be_read_name_the_file(tmp_path, text):
    (tmp_path / "tags.toml").write_text(text)
    with pytest.raises(HarnessError, match=r"tags\.toml"):
        Tags().add_words(tmp_path / "tags.toml")
