"""A profile says what a target is, and a mistake in one is named by file, line, key and the nearest valid name."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.domain.providers import Mode, Provider
from harness.targets import ProfileError, available, load
from harness.targets.profile import parse

GOOD = """\
[target]
name = "shop"
base_url = "http://127.0.0.1:8000"

[values]
staff = "op_x"

[webhooks.stripe]
url = "{base_url}/hook"

[operations.order_status]
path = "/orders/{order_id}"
headers = { Authorization = "Bearer {staff}" }
results = { state = "order.state" }

[probes.shipments]
sql = "select count(*) from shipments where order_id = :order_id"
database = "postgresql://127.0.0.1/shop"
"""


def test_every_profile_that_comes_with_the_product_can_be_read():
    assert "reference" in available()
    for name in available():
        assert load(name).target.name == name


def test_the_reference_is_a_target_like_any_other():
    profile = load("reference")
    assert profile.target.providers == list(Provider)
    assert profile.target.mode is Mode.SIMULATED
    assert [spec.name for spec in profile.launch.processes] == ["database", "migrate", "serve", "worker"]


def test_a_profile_of_ones_own_is_read_by_its_path(tmp_path):
    path = tmp_path / "shop.toml"
    path.write_text(GOOD)
    profile = load(path)
    assert profile.operations["order_status"].results == {"state": "order.state"}
    assert profile.file == str(path)


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(ProfileError, match=r"no target is called 'referense'; did you mean 'reference'\?"):
        load("referense")


def test_a_file_that_is_not_there_says_so():
    with pytest.raises(ProfileError, match="cannot be read"):
        load("/nowhere/shop.toml")


@pytest.mark.parametrize(
    ("change", "line", "sentence"),
    [
        (('name = "shop"', 'nmae = "shop"'), 2, "target.nmae: there is no such key; did you mean 'name'?"),
        (('name = "shop"', "name = 7"), 2, "target.name: expected `str`, got `int`"),
        (('name = "shop"\n', ""), 1, "target: the key 'name' is missing; add it"),
        (("[operations.order_status]", "[operation.order_status]"), 11, "operation: there is no such key"),
        (
            ('path = "/orders', 'pth = "/orders'),
            12,
            "operations.order_status.pth: there is no such key; did you mean 'path'?",
        ),
        (("{order_id}", "{ordr_id}"), 12, "nothing is called {ordr_id}; did you mean 'order_id'?"),
        (("Bearer {staff}", "Bearer {stuff}"), 13, "nothing is called {stuff}; did you mean 'staff'?"),
        (
            ('"order.state"', '"order..[state"'),
            14,
            "operations.order_status.results.state: 'order..[state' is not a path",
        ),
        (("[operations.order_status]", "[operations.order_state]"), 11, "did you mean 'order_status'?"),
        (("[webhooks.stripe]", "[webhooks.strype]"), 8, "did you mean 'stripe'?"),
        (('database = "postgresql', 'log = "postgresql'), 16, "a probe has exactly one of http, sql and log"),
        (('database = "postgresql://127.0.0.1/shop"\n', ""), 16, "a sql probe needs the key 'database'"),
        (
            ('base_url = "http://127.0.0.1:8000"', 'mode = "sandbag"'),
            3,
            "'sandbag' is not known here; did you mean 'sandbox'?",
        ),
        (('[values]\nstaff = "op_x"', '[values]\nstaff = "op_x'), 6, None),
    ],
)
def test_a_mistake_is_named_by_line_key_and_nearest_name(change, line, sentence):
    with pytest.raises(ProfileError) as caught:
        parse(GOOD.replace(*change), "shop.toml")
    said = str(caught.value)
    assert "shop.toml" in said
    assert f"line {line}" in said, said
    if sentence:
        assert sentence in said, said


def test_a_process_cannot_wait_for_one_that_does_not_exist():
    launch = '[[launch.processes]]\nname = "serve"\ncommand = ["serve"]\nafter = ["migrations"]\n'
    with pytest.raises(ProfileError, match=r"line 4, launch.processes\[1\].after: no process 'migrations'"):
        parse(launch + GOOD, "shop.toml")


def test_the_line_of_the_second_process_is_told_from_that_of_the_first():
    launch = '[[launch.processes]]\nname = "a"\ncommand = ["a"]\n[[launch.processes]]\nname = "b"\ncommand = 3\n'
    with pytest.raises(ProfileError, match=r"line 6, launch.processes\[2\].command"):
        parse(launch + GOOD, "shop.toml")


def test_a_target_without_a_webhook_endpoint_is_none():
    text = GOOD.replace('[webhooks.stripe]\nurl = "{base_url}/hook"\n', "")
    with pytest.raises(ProfileError, match="a target needs a webhook endpoint"):
        parse(text, "shop.toml")


def test_the_sample_shop_of_these_tests_is_a_valid_profile():
    assert parse((Path(__file__).parent / "sample_shop.toml").read_text()).target.name == "sample shop"
