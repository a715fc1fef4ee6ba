"""The vault: setup tokens, payment tokens, what a purchase saves and what a saved source pays."""

from __future__ import annotations

import uuid

import pytest
from merchant import OK_CARD, card, issues, wanted
from paypalserversdk.exceptions.error_exception import ErrorException
from specification import conforms

FILE = "vault_payment_tokens_v3"
SETUP, TOKENS = "/v3/vault/setup-tokens", "/v3/vault/payment-tokens"
CHALLENGED = "4868719460707704"
WALLET = {
    "paypal": {
        "usage_type": "MERCHANT",
        "experience_context": {"return_url": "https://shop.test/back?cart=7", "cancel_url": "https://shop.test/no"},
    }
}


def set_up(merchant, source=None, **more):
    answer = merchant.call("POST", SETUP, {"payment_source": source or card(), **more})
    conforms(FILE, "POST", SETUP, answer)
    assert answer.status_code == 201, answer.text
    return answer.json()


def convert(merchant, setup_token, **more):
    source = {"token": {"id": setup_token, "type": "SETUP_TOKEN"}}
    return merchant.call("POST", TOKENS, {"payment_source": source, **more})


def saved(merchant, customer=None):
    body = {"payment_source": card(), **({"customer": {"id": customer}} if customer else {})}
    answer = merchant.call("POST", TOKENS, body)
    conforms(FILE, "POST", TOKENS, answer)
    assert answer.status_code == 201, answer.text
    return answer.json()


def events(merchant):
    found = merchant.call("GET", "/v1/notifications/webhooks-events?page_size=50").json()["events"]
    return [one for one in reversed(found) if one["resource_type"] == "payment_token"]


def test_a_card_is_approved_at_once_and_becomes_a_payment_token(merchant):
    token = set_up(merchant)
    assert token["status"] == "APPROVED"
    assert token["payment_source"]["card"]["last_digits"] == "1881"
    assert OK_CARD not in str(token)
    made = convert(merchant, token["id"])
    conforms(FILE, "POST", TOKENS, made)
    assert made.status_code == 201
    assert made.json()["customer"] == token["customer"]
    assert {one["rel"]: one["method"] for one in made.json()["links"]} == {"self": "GET", "delete": "DELETE"}
    read = merchant.call("GET", f"{SETUP}/{token['id']}")
    conforms(FILE, "GET", f"{SETUP}/{{id}}", read)
    assert read.json()["status"] == "VAULTED"


def test_a_setup_token_becomes_a_payment_token_once(merchant):
    token = set_up(merchant)["id"]
    assert convert(merchant, token).status_code == 201
    assert convert(merchant, token).status_code == 422
    unknown = convert(merchant, "NOBODY0000000000A")
    conforms(FILE, "POST", TOKENS, unknown)
    assert unknown.status_code == 404


def test_a_wallet_waits_for_its_buyer(merchant):
    token = set_up(merchant, WALLET)
    assert token["status"] == "PAYER_ACTION_REQUIRED"
    early = convert(merchant, token["id"])
    conforms(FILE, "POST", TOKENS, early)
    assert (early.status_code, issues(early)) == (422, ["PAYER_ACTION_REQUIRED"])
    link = next(one["href"] for one in token["links"] if one["rel"] == "approve")
    assert "Agree" in merchant.page.get(link).text
    back = merchant.page.post(link, data={"action": "agree"})
    assert back.headers["location"] == (
        f"https://shop.test/back?cart=7&approval_token_id={token['id']}&approval_session_id={token['id']}"
    )
    made = convert(merchant, token["id"])
    conforms(FILE, "POST", TOKENS, made)
    assert made.json()["payment_source"]["paypal"]["email_address"] == "buyer@example.com"


def test_a_buyer_can_go_back_without_agreeing(merchant):
    token = set_up(merchant, WALLET)
    link = next(one["href"] for one in token["links"] if one["rel"] == "approve")
    assert merchant.page.post(link, data={"action": "cancel"}).headers["location"].startswith("https://shop.test/no?")
    assert merchant.call("GET", f"{SETUP}/{token['id']}").json()["status"] == "PAYER_ACTION_REQUIRED"


def test_a_card_with_3d_secure_waits_for_its_holder(merchant):
    token = set_up(merchant, card(CHALLENGED, verification_method="SCA_ALWAYS"))
    assert token["status"] == "PAYER_ACTION_REQUIRED"
    assert merchant.sim(f"setup_tokens/{token['id']}/approve")["status"] == "APPROVED"
    assert convert(merchant, token["id"]).status_code == 201


def test_a_card_can_come_later_from_the_browser(merchant):
    token = set_up(merchant, {"card": {}})
    assert (token["status"], token["payment_source"]) == ("CREATED", {"card": {}})
    assert convert(merchant, token["id"]).status_code == 422
    browser = merchant.page.post(
        "/v1/oauth2/token", auth=(merchant.client_id, ""), data={"grant_type": "client_credentials"}
    ).json()["access_token"]
    path = f"{SETUP}/{token['id']}/update"
    sent = {"json": {"payment_source": card()}, "headers": {"Authorization": f"Bearer {browser}"}}
    assert merchant.page.post(path, **sent).json()["status"] == "APPROVED"
    assert merchant.page.post(path, **sent).status_code == 422
    assert convert(merchant, token["id"]).json()["payment_source"]["card"]["last_digits"] == "1881"


def test_a_setup_token_lives_three_days(merchant):
    token = set_up(merchant)["id"]
    merchant.sim("clock/advance", seconds=3 * 86400 + 1)
    merchant.http.headers["Authorization"] = f"Bearer {merchant.token()}"
    gone = merchant.call("GET", f"{SETUP}/{token}")
    conforms(FILE, "GET", f"{SETUP}/{{id}}", gone)
    assert (gone.status_code, convert(merchant, token).status_code) == (404, 404)


@pytest.mark.parametrize(
    ("source", "status", "issue"),
    [
        ({}, 400, "MISSING_REQUIRED_PARAMETER"),
        ({**card(), "paypal": {}}, 400, "MULTIPLE_PAYMENT_SOURCES"),
        (card("4012888888881882"), 422, "VALIDATION_ERROR"),
        ({"card": {"number": OK_CARD, "expiry": "2020-01"}}, 422, "CARD_EXPIRED"),
        ({"card": {"number": "12", "expiry": "2030-01"}}, 400, "INVALID_STRING_LENGTH"),
    ],
)
def test_a_wrong_source_is_refused(merchant, source, status, issue):
    answer = merchant.call("POST", SETUP, {"payment_source": source})
    conforms(FILE, "POST", SETUP, answer)
    assert (answer.status_code, issue in issues(answer)) == (status, True)
    assert OK_CARD not in answer.text


def test_tokens_are_listed_by_customer_in_pages(merchant):
    made = [saved(merchant, "customer-1")["id"] for _ in range(3)]
    saved(merchant, "customer-2")
    listed = merchant.call("GET", f"{TOKENS}?customer_id=customer-1&page_size=2&total_required=true")
    conforms(FILE, "GET", TOKENS, listed)
    body = listed.json()
    assert (body["total_items"], body["total_pages"]) == (3, 2)
    assert [one["id"] for one in body["payment_tokens"]] == made[:2]
    following = next(one["href"] for one in body["links"] if one["rel"] == "next")
    assert [one["id"] for one in merchant.http.get(following).json()["payment_tokens"]] == made[2:]
    nobody = merchant.call("GET", f"{TOKENS}?customer_id=customer-9")
    conforms(FILE, "GET", TOKENS, nobody)
    assert nobody.json()["payment_tokens"] == []
    without = merchant.call("GET", TOKENS)
    conforms(FILE, "GET", TOKENS, without)
    assert without.status_code == 400


def test_a_token_is_deleted_and_pays_no_more(merchant):
    token = saved(merchant)["id"]
    read = merchant.call("GET", f"{TOKENS}/{token}")
    conforms(FILE, "GET", f"{TOKENS}/{{id}}", read)
    gone = merchant.call("DELETE", f"{TOKENS}/{token}")
    conforms(FILE, "DELETE", f"{TOKENS}/{{id}}", gone)
    assert gone.status_code == 204
    after = merchant.call("GET", f"{TOKENS}/{token}")
    conforms(FILE, "GET", f"{TOKENS}/{{id}}", after)
    assert after.status_code == 404
    assert merchant.call("DELETE", f"{TOKENS}/{token}").status_code == 204
    body = wanted(source={"card": {"vault_id": token}})
    assert merchant.call("POST", "/v2/checkout/orders", body, key=uuid.uuid4().hex).status_code == 422


def test_saving_and_deleting_are_told(merchant):
    token = saved(merchant)
    merchant.call("DELETE", f"{TOKENS}/{token['id']}")
    told = events(merchant)
    assert [one["event_type"] for one in told] == [
        "VAULT.PAYMENT-TOKEN.CREATED",
        "VAULT.PAYMENT-TOKEN.DELETION-INITIATED",
        "VAULT.PAYMENT-TOKEN.DELETED",
    ]
    assert {(one["resource_version"], one["resource"]["id"]) for one in told} == {("3.0", token["id"])}
    assert OK_CARD not in str(told)


def test_a_request_that_is_repeated_saves_once(merchant):
    body = {"payment_source": card()}
    first = merchant.call("POST", TOKENS, body, key="save-1")
    again = merchant.call("POST", TOKENS, body, key="save-1")
    conforms(FILE, "POST", TOKENS, again)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    merchant.sim("clock/advance", seconds=3 * 3600 + 1)
    assert merchant.call("POST", TOKENS, body, key="save-1").json()["id"] != first.json()["id"]


def test_a_purchase_saves_its_card_and_the_card_pays_again(merchant):
    source = card(attributes={"vault": {"store_in_vault": "ON_SUCCESS"}, "customer": {"id": "customer-7"}})
    order = merchant.order(wanted(source=source), key=uuid.uuid4().hex)
    kept = order["payment_source"]["card"]["attributes"]["vault"]
    assert (kept["status"], kept["customer"]["id"]) == ("VAULTED", "customer-7")
    (told,) = events(merchant)
    assert told["resource"]["metadata"] == {"order_id": order["id"]}
    again = merchant.order(wanted(source={"card": {"vault_id": kept["id"]}}), key=uuid.uuid4().hex)
    assert again["status"] == "COMPLETED"


def test_a_purchase_can_save_later_and_the_event_brings_the_id(merchant):
    merchant.sim("settings", vault_delay_seconds=600)
    source = card(attributes={"vault": {"store_in_vault": "ON_SUCCESS"}})
    order = merchant.order(wanted(source=source), key=uuid.uuid4().hex)
    kept = order["payment_source"]["card"]["attributes"]["vault"]
    assert kept["status"] == "APPROVED"
    assert "id" not in kept
    assert events(merchant) == []
    merchant.sim("clock/advance", seconds=601)
    (told,) = events(merchant)
    assert told["resource"]["metadata"]["order_id"] == order["id"]
    assert merchant.call("GET", f"{TOKENS}/{told['resource']['id']}").status_code == 200


def test_the_official_sdk_saves_lists_and_deletes(merchant):
    vault = merchant.sdk().vault
    setup_token = vault.create_setup_token({"body": {"payment_source": card()}, "paypal_request_id": "s"}).body
    source = {"token": {"id": setup_token.id, "type": "SETUP_TOKEN"}}
    token = vault.create_payment_token({"body": {"payment_source": source}, "paypal_request_id": "p"}).body
    listed = vault.list_customer_payment_tokens({"customer_id": token.customer.id}).body
    assert [one.id for one in listed.payment_tokens] == [token.id]
    assert vault.get_payment_token(token.id).body.payment_source.card.last_digits == "1881"
    assert vault.delete_payment_token(token.id).status_code == 204
    with pytest.raises(ErrorException) as refused:
        vault.get_payment_token(token.id)
    assert refused.value.response_code == 404


def test_an_account_without_the_vault_is_refused(merchant):
    merchant.sim("settings", vaulting=False)
    answer = merchant.call("POST", SETUP, {"payment_source": card()})
    conforms(FILE, "POST", SETUP, answer)
    assert answer.status_code == 403
