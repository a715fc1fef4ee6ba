"""The integration does not start with settings that would move somebody else's money, or nobody's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reference_impl import settings

GOOD = {
    "PAYMENTS_ENVIRONMENT": "test",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "OPERATOR_TOKEN": "op_0123456789abcdef0123456789",
    "DATABASE_URL": "postgresql://postgres@/postgres?host=/nowhere",
    "STRIPE_SECRET_KEY": "sk_test_secretsecret",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_public",
    "STRIPE_WEBHOOK_SECRETS": "whsec_one,whsec_two",
}
LIVE = {
    "PAYMENTS_ENVIRONMENT": "production",
    "PUBLIC_URL": "https://tea.example",
    "STRIPE_SECRET_KEY": "sk_live_secretsecret",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_public",
}
BAD = {
    "no environment": ({"PAYMENTS_ENVIRONMENT": None}, "PAYMENTS_ENVIRONMENT"),
    "an unknown environment": ({"PAYMENTS_ENVIRONMENT": "prod"}, "PAYMENTS_ENVIRONMENT"),
    "no address": ({"PUBLIC_URL": None}, "PUBLIC_URL"),
    "a blank address": ({"PUBLIC_URL": "  "}, "PUBLIC_URL"),
    "an address that is none": ({"PUBLIC_URL": "shop.example"}, "PUBLIC_URL"),
    "plain http in production": ({**LIVE, "PUBLIC_URL": "http://tea.example"}, "PUBLIC_URL"),
    "no operator token": ({"OPERATOR_TOKEN": None}, "OPERATOR_TOKEN"),
    "a short operator token in production": ({**LIVE, "OPERATOR_TOKEN": "op_short1"}, "OPERATOR_TOKEN"),
    "no secret key": ({"STRIPE_SECRET_KEY": None}, "STRIPE_SECRET_KEY"),
    "a blank secret key": ({"STRIPE_SECRET_KEY": " "}, "STRIPE_SECRET_KEY"),
    "a padded secret key": ({"STRIPE_SECRET_KEY": "sk_test_secretsecret\n"}, "STRIPE_SECRET_KEY"),
    "a publishable key as secret key": ({"STRIPE_SECRET_KEY": "pk_test_public"}, "STRIPE_SECRET_KEY"),
    "a secret key as publishable key": ({"STRIPE_PUBLISHABLE_KEY": "sk_test_x"}, "STRIPE_PUBLISHABLE_KEY"),
    "a test key in production": ({**LIVE, "STRIPE_SECRET_KEY": "sk_test_secretsecret"}, "STRIPE_SECRET_KEY"),
    "a live key elsewhere": ({"STRIPE_SECRET_KEY": "sk_live_secretsecret"}, "STRIPE_SECRET_KEY"),
    "keys of two modes": ({"STRIPE_PUBLISHABLE_KEY": "pk_live_public"}, "STRIPE_PUBLISHABLE_KEY"),
    "no webhook secret": ({"STRIPE_WEBHOOK_SECRETS": None}, "STRIPE_WEBHOOK_SECRETS"),
    "an empty webhook secret": ({"STRIPE_WEBHOOK_SECRETS": ""}, "STRIPE_WEBHOOK_SECRETS"),
    "a blank webhook secret": ({"STRIPE_WEBHOOK_SECRETS": "   "}, "STRIPE_WEBHOOK_SECRETS"),
    "a padded webhook secret": ({"STRIPE_WEBHOOK_SECRETS": "whsec_one "}, "STRIPE_WEBHOOK_SECRETS"),
    "a blank one among them": ({"STRIPE_WEBHOOK_SECRETS": "whsec_one,"}, "STRIPE_WEBHOOK_SECRETS"),
    "an API key as webhook secret": ({"STRIPE_WEBHOOK_SECRETS": "sk_test_x"}, "STRIPE_WEBHOOK_SECRETS"),
    "the prefix alone": ({"STRIPE_WEBHOOK_SECRETS": "whsec_"}, "STRIPE_WEBHOOK_SECRETS"),
    "a simulator in production": ({**LIVE, "STRIPE_API_BASE": "http://127.0.0.1:1"}, "STRIPE_API_BASE"),
    "a simulator without an address": ({"STRIPE_API_BASE": "simulator"}, "STRIPE_API_BASE"),
    "another database": ({"DATABASE_URL": "mysql://root@db/shop"}, "DATABASE_URL"),
    "a number that is none": ({"STRIPE_TIMEOUT_SECONDS": "soon"}, "STRIPE_TIMEOUT_SECONDS"),
    "no time at all": ({"STRIPE_TIMEOUT_SECONDS": "0"}, "STRIPE_TIMEOUT_SECONDS"),
}


def _load(monkeypatch, changes):
    for name in (*GOOD, "STRIPE_API_BASE", "STRIPE_TIMEOUT_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**GOOD, **changes}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    return settings.load()


@pytest.mark.parametrize("mistake", BAD)
def test_a_mistake_is_refused_in_one_sentence_that_names_the_variable_and_shows_no_value(monkeypatch, mistake):
    changes, name = BAD[mistake]
    with pytest.raises(settings.Misconfigured) as refusal:
        _load(monkeypatch, changes)
    sentence = str(refusal.value)
    assert name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    for value in (*GOOD.values(), *LIVE.values()):
        assert value in {"test", "production"} or value not in sentence


@pytest.mark.parametrize(
    "changes", [{}, LIVE, {"STRIPE_SECRET_KEY": "rk_test_restricted"}], ids=["test", "live", "restricted"]
)
def test_good_settings_are_taken(monkeypatch, changes):
    loaded = _load(monkeypatch, changes)
    assert loaded.webhook_secrets == ("whsec_one", "whsec_two")
    assert loaded.live is bool(changes.get("PUBLIC_URL"))
    assert "secretsecret" not in repr(loaded)


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_process_refuses_with_exit_code_2_and_one_sentence_on_standard_error(command):
    env = {"PATH": os.environ["PATH"], **GOOD, "STRIPE_SECRET_KEY": "sk_live_secretsecret"}
    done = subprocess.run(
        [sys.executable, "-m", "reference_impl", command],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=_root(),
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "secretsecret" not in done.stderr


def test_migrate_says_when_there_is_no_database():
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": GOOD["DATABASE_URL"]}
    done = subprocess.run(
        [sys.executable, "-m", "reference_impl", "migrate"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=_root(),
        check=False,
    )
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr


def test_every_variable_stands_in_the_example():
    example = (_root() / ".env.example").read_text()
    names = {name.upper() for name in settings.Settings.model_fields}
    assert {name for name in names if f"{name}=" not in example} == set()


def _root():
    return Path(settings.__file__).resolve().parents[1]
