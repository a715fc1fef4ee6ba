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
NO_STRIPE = {"STRIPE_SECRET_KEY": None, "STRIPE_PUBLISHABLE_KEY": None, "STRIPE_WEBHOOK_SECRETS": None}
PAYPAL = {
    "PAYPAL_CLIENT_ID": "AclientA",
    "PAYPAL_CLIENT_SECRET": "EsecretE",
    "PAYPAL_ENVIRONMENT": "sandbox",
    "PAYPAL_WEBHOOK_IDS": "8PT597110X687430LKGECATA,9QT597110X687430LKGECATB",
}
PAYPAL_LIVE = {**LIVE, **PAYPAL, "PAYPAL_ENVIRONMENT": "live"}
ROOTS = "-----BEGIN CERTIFICATE-----"
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
    "half of PayPal": ({"PAYPAL_CLIENT_ID": "AclientA"}, "PAYPAL_CLIENT_SECRET"),
    "no client id": ({**PAYPAL, "PAYPAL_CLIENT_ID": None}, "PAYPAL_CLIENT_ID"),
    "a padded client id": ({**PAYPAL, "PAYPAL_CLIENT_ID": " AclientA"}, "PAYPAL_CLIENT_ID"),
    "a blank client secret": ({**PAYPAL, "PAYPAL_CLIENT_SECRET": "  "}, "PAYPAL_CLIENT_SECRET"),
    "a padded client secret": ({**PAYPAL, "PAYPAL_CLIENT_SECRET": "EsecretE\n"}, "PAYPAL_CLIENT_SECRET"),
    "no word of PayPal's environment": ({**PAYPAL, "PAYPAL_ENVIRONMENT": None}, "PAYPAL_ENVIRONMENT"),
    "another environment of PayPal": ({**PAYPAL, "PAYPAL_ENVIRONMENT": "test"}, "PAYPAL_ENVIRONMENT"),
    "PayPal's sandbox in production": ({**LIVE, **PAYPAL}, "PAYPAL_ENVIRONMENT"),
    "live PayPal elsewhere": ({**PAYPAL, "PAYPAL_ENVIRONMENT": "live"}, "PAYPAL_ENVIRONMENT"),
    "no webhook id": ({**PAYPAL, "PAYPAL_WEBHOOK_IDS": None}, "PAYPAL_WEBHOOK_IDS"),
    "a blank webhook id": ({**PAYPAL, "PAYPAL_WEBHOOK_IDS": " "}, "PAYPAL_WEBHOOK_IDS"),
    "a blank webhook id among them": ({**PAYPAL, "PAYPAL_WEBHOOK_IDS": "8PT5,"}, "PAYPAL_WEBHOOK_IDS"),
    "a padded webhook id": ({**PAYPAL, "PAYPAL_WEBHOOK_IDS": "8PT5, 9QT6"}, "PAYPAL_WEBHOOK_IDS"),
    "the id of PayPal's webhooks simulator": ({**PAYPAL, "PAYPAL_WEBHOOK_IDS": "WEBHOOK_ID"}, "PAYPAL_WEBHOOK_IDS"),
    "an address as webhook id": ({**PAYPAL, "PAYPAL_WEBHOOK_IDS": "https://tea.example"}, "PAYPAL_WEBHOOK_IDS"),
    "another postback": ({**PAYPAL, "PAYPAL_POSTBACK": "yes"}, "PAYPAL_POSTBACK"),
    "a simulator of PayPal in production": (
        {**PAYPAL_LIVE, "PAYPAL_API_BASE": "http://127.0.0.1:1"},
        "PAYPAL_API_BASE",
    ),
    "certificates from elsewhere in production": (
        {**PAYPAL_LIVE, "PAYPAL_CERTIFICATE_BASE": "http://127.0.0.1:1"},
        "PAYPAL_CERTIFICATE_BASE",
    ),
    "roots of our own in production": ({**PAYPAL_LIVE, "PAYPAL_TRUST_ROOTS": ROOTS}, "PAYPAL_TRUST_ROOTS"),
    "roots in production without PayPal": ({**LIVE, "PAYPAL_TRUST_ROOTS": ROOTS}, "PAYPAL_TRUST_ROOTS"),
    "roots that are not there": ({**PAYPAL, "PAYPAL_TRUST_ROOTS": "/nowhere/root.pem"}, "PAYPAL_TRUST_ROOTS"),
    "a certificate base that is none": ({**PAYPAL, "PAYPAL_CERTIFICATE_BASE": "here"}, "PAYPAL_CERTIFICATE_BASE"),
    "no time for PayPal": ({**PAYPAL, "PAYPAL_TIMEOUT_SECONDS": "0"}, "PAYPAL_TIMEOUT_SECONDS"),
    "neither provider": (NO_STRIPE, "STRIPE_SECRET_KEY"),
    "a number that is none": ({"STRIPE_TIMEOUT_SECONDS": "soon"}, "STRIPE_TIMEOUT_SECONDS"),
    "no time at all": ({"STRIPE_TIMEOUT_SECONDS": "0"}, "STRIPE_TIMEOUT_SECONDS"),
}


def _load(monkeypatch, changes):
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
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
    for value in (*GOOD.values(), *LIVE.values(), *PAYPAL.values()):
        assert value in {"test", "production", "sandbox"} or value not in sentence


@pytest.mark.parametrize(
    "changes", [{}, LIVE, {"STRIPE_SECRET_KEY": "rk_test_restricted"}], ids=["test", "live", "restricted"]
)
def test_good_settings_are_taken(monkeypatch, changes):
    loaded = _load(monkeypatch, changes)
    assert loaded.webhook_secrets == ("whsec_one", "whsec_two")
    assert loaded.live is bool(changes.get("PUBLIC_URL"))
    assert "secretsecret" not in repr(loaded)


@pytest.mark.parametrize(
    ("changes", "stripe", "paypal"),
    [
        ({}, True, False),
        (PAYPAL, True, True),
        ({**NO_STRIPE, **PAYPAL}, False, True),
        (PAYPAL_LIVE, True, True),
        ({"PAYPAL_CLIENT_ID": "", "PAYPAL_WEBHOOK_IDS": "", "PAYPAL_ENVIRONMENT": "sandbox"}, True, False),
    ],
    ids=["Stripe", "both", "PayPal", "both live", "PayPal left empty"],
)
def test_a_shop_offers_the_providers_that_its_settings_name(monkeypatch, changes, stripe, paypal):
    loaded = _load(monkeypatch, changes)
    assert (loaded.takes_stripe, loaded.takes_paypal) == (stripe, paypal)
    assert "EsecretE" not in repr(loaded)
    if paypal:
        assert loaded.webhook_ids == ("8PT597110X687430LKGECATA", "9QT597110X687430LKGECATB")


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
