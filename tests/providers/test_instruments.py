"""Instruments say in plain words what a shopper pays with.

And what is expected of it holds at the simulated provider.
"""

from __future__ import annotations

import re

import pytest

from harness import resources
from harness.domain.providers import Provider
from harness.domain.verdicts import HarnessError, NotApplicable
from harness.providers import instrument, instruments
from harness.providers.instruments import load
from harness.simulator.paypal.settings import Settings
from harness.simulator.square.settings import Settings as SquareSettings

FEATURES = sorted(resources.features().rglob("*.feature"))


def test_an_unknown_instrument_names_the_nearest():
    with pytest.raises(HarnessError, match="did you mean 'a Visa card'"):
        instrument("a Vissa card")


def test_what_a_provider_cannot_express_is_not_applicable_there():
    with pytest.raises(NotApplicable, match="paypal has no test value for 'a card from Brazil'"):
        instrument("a card from Brazil").at(Provider.PAYPAL)


def test_what_paypal_cannot_express_says_what_it_has_instead():
    with pytest.raises(NotApplicable, match="PayPal passes no early fraud warnings on; what a network warns of"):
        instrument("a card that raises an early fraud warning").at(Provider.PAYPAL)


def test_every_instrument_of_a_shared_feature_pays_at_paypal_or_says_why_not():
    shared = [path for path in FEATURES if "providers" not in path.parts]
    text = "\n".join(path.read_text() for path in shared)
    named = [one for one in instruments().values() if re.search(rf"\b{re.escape(one.name)}\b", text)]
    assert len(named) > 30
    assert [one.name for one in named if not one.paypal and not one.paypal_instead] == []


def test_no_instrument_is_an_alias_of_nothing():
    for one in instruments().values():
        assert one.stripe or one.stripe_fields or one.paypal or one.square


def test_an_instrument_sets_the_account_of_its_own_provider_only():
    chosen = instrument("a card whose refunds take a while")
    assert chosen.settings(Provider.PAYPAL) == {"refund_pending": True, "refund_settle_seconds": 432000}
    assert chosen.settings(Provider.STRIPE) == {}


def test_what_an_instrument_sets_is_a_setting_of_the_simulator():
    for one in instruments().values():
        Settings().changed(one.settings(Provider.PAYPAL))
        SquareSettings().changed(one.settings(Provider.SQUARE))


def test_every_decline_says_what_the_shopper_may_be_told():
    declined = [one for one in instruments().values() if "declined" in {one.expect, one.after} and one.code]
    assert len(declined) >= 12
    assert [one.name for one in declined if one.told is None] == []


def test_a_thief_is_told_nothing_but_that_the_card_was_declined():
    telling = {"lost_card", "stolen_card", "fraudulent"}
    assert {one.told for one in instruments().values() if one.decline_code in telling} == {"declined"}


@pytest.mark.parametrize("path", FEATURES, ids=lambda path: path.stem)
def test_every_instrument_that_a_feature_names_exists(path):
    text = path.read_text()
    named = set(re.findall(r"(?:pays|page|provider|EUR) with (an? [^\n<,]*?(?:card|debit)[^\n<,]*)", text))
    rows = {cell.strip() for cell in re.findall(r"\|\s*(an? [^|]*(?:card|debit)[^|]*?)\s*\|", text)}
    unknown = {name for name in named | rows if name not in instruments()}
    assert unknown == set()


def test_a_broken_file_is_named_with_what_is_wrong(tmp_path):
    path = tmp_path / "instruments.toml"
    path.write_text('[[instrument]]\nname = "x"\nexpect = "luck"\n')
    with pytest.raises(HarnessError, match=r"instruments.toml: Invalid enum value 'luck'"):
        load(path)
    path.write_text('[[instrument]]\nname = "x"\nexpect = "paid"\n' * 2)
    with pytest.raises(HarnessError, match="listed twice: x"):
        load(path)
