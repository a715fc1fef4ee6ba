"""Before a report is written it is searched for card data and secrets; one hit, and nothing is written."""

from __future__ import annotations

import pytest
from reporting import synthetic_runs

from harness import reporting
from harness.record.model import Message
from harness.reporting import guard

CARD = "4242" * 4
SECRETS = {
    "secret key": "sk_" + "test_" + "51AbCdEfGhIjKlMn",
    "webhook secret": "whsec_" + "AbCdEfGhIjKlMnOp",
    "client secret": "pi_3QabcDEF" + "_secret_" + "AbCdEfGhIj",
    "bearer token": "Bearer " + "ot_0123456789abcdef",
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "password": "postgresql://shop:" + "hunter22" + "@127.0.0.1/shop",
}


@pytest.mark.parametrize(
    "text",
    [
        CARD,
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        f'{{"number": "{CARD}"}}',
        f"card_{CARD}",
        "378282246310005",
        "3782 822463 10005",
        "2223003122003222",
        "6011111111111117",
        "3056930009020004",
        "3566002020360505",
        "6200000000000005",
        "4000000000000000006",
    ],
)
def test_a_card_number_is_found_in_every_usual_form(text):
    assert [kind for kind, _, _ in guard.find(f"a {text} b")] == ["card number"]


@pytest.mark.parametrize(
    "text",
    [
        "424242******4242",
        "4242 **** **** 4242",
        "4242424242424241",  # wrong check digit
        "1763913723123456",  # microseconds
        "20261123160203",
        "a4242424242424242b",  # inside a longer word
        "0.4242424242424242",
        "9" * 16,
        "5f524f15f71817e5951975536f89fc3bbf16cae93bcd7d8213c80ab89985cafc",
        "Bearer [redacted]",
        "whsec_[redacted]",
        "pk_test_51AbCdEfGhIjKlMn",
    ],
)
def test_what_only_looks_like_card_data_does_not_stop_a_report(text):
    assert list(guard.find(f"a {text} b")) == []


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_found_by_its_form(kind):
    assert kind in {found for found, _, _ in guard.find(f"x {SECRETS[kind]} y")}


@pytest.mark.parametrize("value", [CARD, *SECRETS.values()], ids=["card number", *SECRETS])
@pytest.mark.parametrize("formats", [["html"], ["json"], ["junit"], ["html", "json", "junit"]], ids="+".join)
def test_one_hit_and_nothing_is_written(value, formats, tmp_path):
    leaky = synthetic_runs.scenario(
        1,
        exchanges=[
            synthetic_runs.exchange(0, 10),
            synthetic_runs.exchange(1, 20, response=Message(headers={}, body=f"declined: {value}")),
        ],
    )
    run = synthetic_runs.written(tmp_path / "runs", [leaky], unredacted=True)
    with pytest.raises(
        reporting.UnsafeReport, match=r"exchanges 2\.response\.body \(evidence/EV-0001\.json\)"
    ) as caught:
        reporting.write(run, formats, tmp_path / "out")
    assert value not in str(caught.value), "the sentence does not repeat what it warns of"
    assert not (tmp_path / "out").exists()


def test_card_data_in_the_name_of_a_field_is_found_too(tmp_path):
    leaky = synthetic_runs.scenario(1, exchanges=[synthetic_runs.exchange(0, 1, request=Message(headers={CARD: "x"}))])
    run = synthetic_runs.written(tmp_path / "runs", [leaky], unredacted=True)
    with pytest.raises(reporting.UnsafeReport, match=r"424242\*+4242"):
        reporting.write(run, ["html"], tmp_path / "out")


def test_a_report_that_was_there_before_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("before")
    run = synthetic_runs.written(tmp_path / "runs", [synthetic_runs.scenario(1, name=CARD)], unredacted=True)
    with pytest.raises(reporting.UnsafeReport):
        reporting.write(run, ["html"], tmp_path / "out")
    assert (tmp_path / "out" / "report.html").read_text() == "before"
