"""Cards: their brand, what is wrong with one, what its bank says, whether its holder is challenged.

Sources: PayPal, "Card testing" (rejections by name), "3D Secure test scenarios".
"""

from __future__ import annotations

import functools
import time
import tomllib
from importlib import resources
from typing import Any

from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import Detail, detail

ACCEPTED = {"avs_code": "Y", "cvv_code": "M", "response_code": "0000"}
_FOUR_DIGITS = "AMEX"


def brand(number: str) -> str:
    """The brand of a number; ``UNKNOWN`` where no beginning fits."""
    for start, name in _data()["starts"]:
        if number.startswith(start):
            found: str = name
            return found
    return "UNKNOWN"


def problems(account: PayPalAccount, card: dict[str, Any], pointer: str) -> list[Detail]:
    """What keeps a card from being used (422)."""
    if "vault_id" in card or "network_token" in card or "single_use_token" in card:
        return []
    found = []
    number, expiry = card.get("number"), card.get("expiry")
    if number is None:
        found.append(detail("CARD_NUMBER_REQUIRED", f"{pointer}/number"))
    elif not luhn(number):
        found.append(detail("VALIDATION_ERROR", f"{pointer}/number"))
    if expiry is None:
        found.append(detail("CARD_EXPIRY_REQUIRED", f"{pointer}/expiry"))
    elif expiry < time.strftime("%Y-%m", time.gmtime(account.now())):
        found.append(detail("CARD_EXPIRED", f"{pointer}/expiry", expiry))
    code = card.get("security_code")
    if number is not None and code is not None and len(code) != (4 if brand(number) == _FOUR_DIGITS else 3):
        found.append(detail("INVALID_SECURITY_CODE_LENGTH", f"{pointer}/security_code"))
    return found


def luhn(number: str) -> bool:
    """Whether the check digit is right."""
    digits = [int(digit) for digit in reversed(number)]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def verdict(card: dict[str, Any]) -> tuple[bool, dict[str, str]]:
    """Whether the card's bank pays, and ``processor_response``."""
    rejection = _data()["rejections"].get(card.get("name", ""))
    if rejection is None:
        return True, dict(ACCEPTED) if "security_code" in card else {**ACCEPTED, "cvv_code": "P"}
    code, advice = rejection
    answer = {"avs_code": "G", "cvv_code": "P", "response_code": code}
    if advice:
        answer["payment_advice_code"] = advice
    return False, answer


def authentication(card: dict[str, Any]) -> tuple[bool, dict[str, Any] | None]:
    """Whether the holder is challenged, and ``authentication_result`` (after the challenge, if there is one)."""
    method = card.get("attributes", {}).get("verification", {}).get("method")
    if method is None or method == "AVS_CVV":
        return False, None
    known = _data()["three_d_secure"].get(card.get("number", ""))
    if known is None:
        if method == "SCA_WHEN_REQUIRED":
            return False, None
        known = {"shift": "POSSIBLE", "enrolled": "Y", "status": "Y", "challenge": True}
    secure = {"enrollment_status": known["enrolled"]}
    if known["status"]:
        secure["authentication_status"] = known["status"]
    return known["challenge"], {"liability_shift": known["shift"], "three_d_secure": secure}


def shown(card: dict[str, Any]) -> dict[str, Any]:
    """What an answer tells of a card."""
    view: dict[str, Any] = {}
    if "name" in card:
        view["name"] = card["name"]
    number = card.get("number")
    if number is not None:
        view |= {"last_digits": number[-4:], "expiry": card["expiry"], "brand": brand(number)}
        view |= {"available_networks": [view["brand"]], "type": "CREDIT"}
    else:
        view |= {name: card[name] for name in ("last_digits", "expiry", "brand", "type") if name in card}
    if "billing_address" in card:
        view["billing_address"] = card["billing_address"]
    return view


@functools.cache
def _data() -> dict[str, Any]:
    data = tomllib.loads(resources.files("harness.simulator.paypal").joinpath("data/cards.toml").read_text())
    starts = [(start, name) for name, all_ in data["brands"].items() for start in all_]
    data["starts"] = sorted(starts, key=lambda pair: -len(pair[0]))
    return data
