"""Every answer of a working day against PayPal's OpenAPI files, where they are at hand.

``PAYPAL_SPECIFICATIONS`` names the folder (repository paypal/paypal-rest-api-specifications, folder ``openapi``).
"""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
import specification
from merchant import card, money, wanted

FILES = ("checkout_orders_v2", "payments_payment_v2")
SERVED_DIFFERENTLY = {
    ("POST", "/v2/checkout/orders/{id}/confirm-payment-source", 404): "the file has no 404; an unknown order is one",
}
"""(method, path, status) that the files do not list, and why it is answered all the same."""

pytestmark = pytest.mark.skipif(specification.folder() is None, reason=specification.WHY_NOT)


class Oracle:
    def __init__(self) -> None:
        folder = specification.folder()
        assert folder is not None, specification.WHY_NOT
        self.documents = {name: _without_wording(json.loads((folder / f"{name}.json").read_text())) for name in FILES}
        self.seen: list[tuple[str, str, int]] = []
        self.differences: list[str] = []

    def judge(self, response: Any) -> None:
        response.read()
        method, path, status = response.request.method, response.request.url.path, response.status_code
        for document in self.documents.values():
            for template, operations in document["paths"].items():
                if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path):
                    self._judge(document, operations[method.lower()], method, template, status, response)
                    return
        raise AssertionError(f"{method} {path} is in none of the files")

    def _judge(self, document: Any, operation: Any, method: str, template: str, status: int, response: Any) -> None:
        self.seen.append((method, template, status))
        if str(status) not in operation["responses"]:
            if (method, template, status) not in SERVED_DIFFERENTLY:
                self.differences.append(f"{method} {template} answered {status}, which its file does not list")
            return
        content = operation["responses"][str(status)].get("content")
        if content is None:
            assert response.content == b""
            return
        schema = {**content["application/json"]["schema"], "components": document["components"]}
        for error in jsonschema.Draft202012Validator(schema).iter_errors(response.json()):
            where = "/".join(str(step) for step in error.absolute_path)
            self.differences.append(f"{method} {template} {status} {where}: {error.message[:200]}")


def _without_wording(node: Any) -> Any:
    """Descriptions of issues may be in any words: PayPal promises the issue only ("API responses")."""
    if isinstance(node, list):
        return [_without_wording(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _without_wording(one) for name, one in node.items()}
    if "issue" in kept and isinstance(kept.get("description"), dict):
        kept["description"].pop("enum", None)
    return kept


def test_every_answer_has_the_shape_of_the_specification(merchant):
    oracle = Oracle()
    merchant.http.event_hooks["response"].append(oracle.judge)
    _a_wallet_day(merchant)
    _a_card_day(merchant)
    _refusals(merchant)
    assert oracle.differences == []
    assert set(SERVED_DIFFERENTLY) <= set(oracle.seen), "a known difference is gone; take it off the table"
    operations = {(method, path) for method, path, _ in oracle.seen}
    listed = {
        (method.upper(), path)
        for document in oracle.documents.values()
        for path, found in document["paths"].items()
        for method in found
        if method != "parameters"
    }
    assert operations == listed


def _a_wallet_day(merchant):
    full = {"Prefer": "return=representation"}
    items = [{"name": "Mug", "quantity": "2", "unit_amount": money("5.00"), "tax": money("0.50"), "sku": "mug"}]
    breakdown = {"item_total": money("10.00"), "tax_total": money("1.00"), "shipping": money("1.34")}
    body = wanted(custom_id="cart-7", invoice_id="INV-1", items=items, description="Mugs", soft_descriptor="MUGS")
    body["purchase_units"][0]["amount"]["breakdown"] = breakdown
    order = merchant.call("POST", "/v2/checkout/orders", body, key="w1", **full).json()["id"]
    path = f"/v2/checkout/orders/{order}"
    merchant.call("GET", path)
    merchant.call("GET", f"{path}?fields=payment_source")
    where = "/purchase_units/@reference_id=='default'/description"
    merchant.call("PATCH", path, [{"op": "replace", "path": where, "value": "Two mugs"}])
    merchant.call("POST", f"{path}/confirm-payment-source", {"payment_source": {"paypal": {}}})
    merchant.sim(f"orders/{order}/approve")
    merchant.call("POST", f"{path}/capture", key="w2", **full)
    again = merchant.call("POST", f"{path}/capture", key="w2")
    assert again.status_code == 200
    capture = again.json()["purchase_units"][0]["payments"]["captures"][0]["id"]
    tracker = {"capture_id": capture, "tracking_number": "1Z9", "carrier": "UPS", "items": [{"sku": "mug"}]}
    made = merchant.call("POST", f"{path}/track", tracker).json()
    tracker_id = made["purchase_units"][0]["shipping"]["trackers"][0]["id"]
    cancel = [{"op": "replace", "path": "/status", "value": "CANCELLED"}]
    merchant.call("PATCH", f"{path}/trackers/{tracker_id}", cancel)
    merchant.call("GET", f"/v2/payments/captures/{capture}")
    refund = merchant.call("POST", f"/v2/payments/captures/{capture}/refund", {"amount": money("2.00")}, key="w3")
    merchant.call("POST", f"/v2/payments/captures/{capture}/refund", None, **full)
    merchant.call("GET", f"/v2/payments/refunds/{refund.json()['id']}")
    merchant.call("GET", path)
    for instrument in ("bank", "declined_capture"):
        merchant.call("GET", f"/v2/payments/captures/{merchant.captured(instrument)['id']}")
    _authorizations(merchant, full)


def _authorizations(merchant, full):
    held = merchant.authorized(value="50.00")["id"]
    path = f"/v2/payments/authorizations/{held}"
    merchant.call("GET", path)
    merchant.call("POST", f"{path}/capture", {"amount": money("10.00"), "invoice_id": "INV-9"}, **full)
    merchant.call("POST", f"{path}/capture", {"amount": money("10.00"), "final_capture": True})
    merchant.call("POST", f"/v2/payments/authorizations/{merchant.authorized()['id']}/void")
    merchant.call("POST", f"/v2/payments/authorizations/{merchant.authorized()['id']}/void", **full)
    late = merchant.authorized()["id"]
    merchant.sim("clock/advance", seconds=4 * 86400)
    merchant.http.headers["Authorization"] = f"Bearer {merchant.token()}"
    merchant.call("POST", f"/v2/payments/authorizations/{late}/reauthorize", {"amount": money("12.34")}, **full)


def _a_card_day(merchant):
    verified = {"verification": {"method": "SCA_ALWAYS"}}
    merchant.call("POST", "/v2/checkout/orders", wanted(source=card()), key="c1", Prefer="return=representation")
    declined = wanted(source=card(name="CCREJECT-SF"))
    merchant.call("POST", "/v2/checkout/orders", declined, key="c2")
    order = merchant.order(wanted(source=card("4868719460707704", attributes=verified)), key="c3")
    merchant.sim(f"orders/{order['id']}/challenge")
    merchant.call("GET", f"/v2/checkout/orders/{order['id']}?fields=payment_source")
    merchant.call("POST", f"/v2/checkout/orders/{order['id']}/capture", key="c4")


def _refusals(merchant):
    orders = "/v2/checkout/orders"
    merchant.call("POST", orders, {})
    merchant.call("POST", orders, wanted("-1"))
    merchant.call("POST", orders, wanted("1.234"))
    order = merchant.order()["id"]
    merchant.call("GET", f"{orders}/NOSUCHORDER")
    for verb, body in (("capture", None), ("authorize", None), ("confirm-payment-source", {}), ("track", {})):
        merchant.call("POST", f"{orders}/{order}/{verb}", body)
        merchant.call("POST", f"{orders}/NOSUCHORDER/{verb}", body)
    merchant.call("POST", f"{orders}/NOSUCHORDER/confirm-payment-source", {"payment_source": {"paypal": {}}})
    merchant.call("PATCH", f"{orders}/{order}", [{"op": "add", "path": "/id", "value": "x"}])
    merchant.call("GET", "/v2/payments/captures/NOSUCH")
    merchant.call("POST", "/v2/payments/captures/NOSUCH/refund")
    refunded = merchant.captured()["id"]
    merchant.call("POST", f"/v2/payments/captures/{refunded}/refund", {"amount": money("99")})
    merchant.call("POST", f"/v2/payments/captures/{refunded}/refund", {"amount": money("x")})
