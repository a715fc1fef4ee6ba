"""Refusals: their shape, whatever was asked."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest
from merchant import issues, wanted

ORDERS = "/v2/checkout/orders"


def test_a_refusal_has_name_message_debug_id_details_and_links(merchant):
    answer = merchant.call("POST", ORDERS, {})
    body = answer.json()
    assert set(body) == {"name", "message", "debug_id", "details", "links"}
    assert answer.headers["Paypal-Debug-Id"] == body["debug_id"]
    assert body["links"][0]["rel"] == "information_link"


@pytest.mark.parametrize("content", [b"{", b'"text"', b"7", b"\xff\xfe", b'{"intent": "CAPTURE",}', b"[" * 5000])
def test_json_that_is_none_is_malformed(merchant, content):
    answer = merchant.http.post(ORDERS, content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, issues(answer)) == (400, ["MALFORMED_REQUEST_JSON"])


def test_a_list_where_an_object_belongs_is_malformed(merchant):
    answer = merchant.http.post(ORDERS, json=[])
    assert issues(answer) == ["MALFORMED_REQUEST_JSON"]


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/v2/nothing", 404, "RESOURCE_NOT_FOUND"),
        ("DELETE", ORDERS, 405, "METHOD_NOT_SUPPORTED"),
        ("GET", f"{ORDERS}/x/capture", 405, "METHOD_NOT_SUPPORTED"),
        ("GET", f"{ORDERS}/", 404, "RESOURCE_NOT_FOUND"),
        ("GET", f"{ORDERS}/..%2F..%2Fetc%2Fpasswd", 404, "RESOURCE_NOT_FOUND"),
        ("GET", f"{ORDERS}/%00", 404, "RESOURCE_NOT_FOUND"),
        ("GET", f"{ORDERS}/{'A' * 5000}", 404, "RESOURCE_NOT_FOUND"),
        ("GET", "/v1/billing/plans", 501, "NOT_SIMULATED"),
        ("POST", "/v1/catalogs/products", 501, "NOT_SIMULATED"),
        ("POST", "/v1/payments/payouts", 501, "NOT_SIMULATED"),
        ("POST", "/v2/invoicing/invoices", 501, "NOT_SIMULATED"),
    ],
)
def test_what_is_not_there_says_so(merchant, method, path, status, name):
    answer = merchant.http.request(method, path)
    assert (answer.status_code, answer.json()["name"]) == (status, name)
    assert answer.json()["debug_id"] == answer.headers["paypal-debug-id"]


def test_a_body_of_another_kind_is_415(merchant):
    answer = merchant.http.post(ORDERS, data={"intent": "CAPTURE"})
    assert (answer.status_code, answer.json()["name"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_too_many_calls_are_429_on_demand(merchant):
    merchant.sim("settings", rate_limit=1, retry_after_seconds=3)
    answers = [merchant.call("POST", ORDERS, wanted()) for _ in range(3)]
    limited = [one for one in answers if one.status_code == 429]
    assert limited
    assert limited[0].json()["name"] == "RATE_LIMIT_REACHED"
    assert limited[0].headers["retry-after"] == "3"


def test_a_mock_response_refuses_and_changes_nothing(merchant):
    order = merchant.approved()
    mock = json.dumps({"mock_application_codes": "INSTRUMENT_DECLINED"})
    refused = merchant.call("POST", f"{ORDERS}/{order}/capture", key="k", PayPal_Mock_Response=mock)
    assert (refused.status_code, issues(refused)) == (422, ["INSTRUMENT_DECLINED"])
    assert merchant.call("POST", f"{ORDERS}/{order}/capture", key="k").status_code == 201


@pytest.mark.parametrize(
    ("codes", "status"), [("INTERNAL_SERVER_ERROR", 500), ("RATE_LIMIT_REACHED", 429), ("NO_SUCH_CODE", 201)]
)
def test_other_mock_codes(merchant, codes, status):
    mock = json.dumps({"mock_application_codes": codes})
    assert merchant.call("POST", ORDERS, wanted(), PayPal_Mock_Response=mock).status_code == status


MOCKS = ["x", "[]", "7", '{"mock_application_codes": {}}', '{"mock_application_codes": [1]}']


@pytest.mark.parametrize("header", MOCKS)
def test_a_mock_response_that_is_none_is_ignored(merchant, header):
    assert merchant.call("POST", ORDERS, wanted(), PayPal_Mock_Response=header).status_code == 201


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 502, 503])
def test_a_fault_answers_as_paypal_would(merchant, status):
    merchant.sim("faults", action="status", status=status, headers={"Retry-After": "1"})
    answer = merchant.call("GET", f"{ORDERS}/X")
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "1")
    assert answer.json()["debug_id"] == answer.headers["paypal-debug-id"]


def test_bytes_that_are_not_http_get_a_shaped_answer(merchant):
    place = urlsplit(merchant.url)
    with socket.create_connection((place.hostname, place.port), timeout=5) as connection:
        connection.sendall(b"NONSENSE\r\n\r\n")
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 400")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["name"] == "INVALID_REQUEST"
