"""Who may say that PayPal has something to tell: addresses, certificates, signatures, and what they do not prove."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.verification import Store
from paypal_authority import CERT_URL, Authority, raw
from paypal_stub import Reply, Stub
from pydantic import SecretStr

from reference_impl.gateways import paypal, paypal_certificates
from reference_impl.gateways import paypal_signature as rules
from reference_impl.gateways.paypal import PayPalGateway
from reference_impl.gateways.protocol import BadSignature, Unverifiable
from reference_impl.settings import Settings

WEBHOOK = "8PT597110X687430LKGECATA"
BODY = json.dumps({"id": "WH-1", "event_type": "PAYMENT.CAPTURE.COMPLETED", "amount": 1.0, "empty": {}}).encode()
CERT_PATH = "/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77"


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def leaf(authority):
    return authority.leaf()


def now():
    return datetime.now(UTC)


def verified(authority, leaf, body=BODY, headers=None, *, ids=(WEBHOOK,), at=None):
    """What the door does with a certificate that it has."""
    at = at or now()
    sent = rules.transmission(raw(headers or leaf.sign(body, WEBHOOK)))
    rules.check_time(sent.time, at)
    rules.certificate_path(sent.certificate_url, rules.SANDBOX)
    known = rules.certificate(leaf.pem.encode(), Store([authority.root]), rules.SANDBOX, at)
    rules.check(sent, body, known, ids, at)


# signatures


def test_a_genuine_delivery_is_taken(authority, leaf):
    verified(authority, leaf)


def test_either_webhook_id_will_do_during_a_rotation(authority, leaf):
    verified(authority, leaf, headers=leaf.sign(BODY, "OLD1"), ids=("NEW1", "OLD1"))


@pytest.mark.parametrize(
    "body",
    [BODY + b" ", json.dumps(json.loads(BODY), indent=1).encode(), BODY.replace(b"1.0", b"1"), b""],
    ids=["a byte more", "written anew", "another number", "empty"],
)
def test_another_body_is_refused(authority, leaf, body):
    with pytest.raises(BadSignature, match="wrong signature"):
        verified(authority, leaf, body, leaf.sign(BODY, WEBHOOK))


@pytest.mark.parametrize("webhook_id", ["ANOTHER", "WEBHOOK_ID", ""])
def test_a_delivery_for_another_webhook_or_of_the_webhooks_simulator_is_refused(authority, leaf, webhook_id):
    with pytest.raises(BadSignature, match="wrong signature"):
        verified(authority, leaf, headers=leaf.sign(BODY, webhook_id))


@pytest.mark.parametrize("name", [name.decode() for name in rules.HEADERS])
@pytest.mark.parametrize("value", [None, "", "x" * 3000, "ä"], ids=["missing", "empty", "long", "no ASCII"])
def test_every_header_is_needed(authority, leaf, name, value):
    headers = leaf.sign(BODY, WEBHOOK)
    headers.pop(name) if value is None else headers.update({name: value})
    with pytest.raises(BadSignature):
        verified(authority, leaf, headers=headers)


@pytest.mark.parametrize("algorithm", ["SHA1withRSA", "MD5withRSA", "none", "SHA256WITHRSA", "SHA256withRSA, none"])
def test_the_algorithm_is_not_the_senders_choice(authority, leaf, algorithm):
    with pytest.raises(BadSignature):
        verified(authority, leaf, headers=leaf.sign(BODY, WEBHOOK, algorithm=algorithm))


@pytest.mark.parametrize("signature", ["not base64!", "AAAA", "QQ=="])
def test_a_signature_that_is_none_is_refused(authority, leaf, signature):
    headers = {**leaf.sign(BODY, WEBHOOK), "paypal-transmission-sig": signature}
    with pytest.raises(BadSignature):
        verified(authority, leaf, headers=headers)


def stamp(**ago):
    return (now() - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("ago", [{"minutes": 0}, {"days": 2, "hours": 23}, {"minutes": -5}])
def test_what_paypal_may_still_repeat_is_taken(authority, leaf, ago):
    verified(authority, leaf, headers=leaf.sign(BODY, WEBHOOK, time=stamp(**ago)))


@pytest.mark.parametrize(
    "sent",
    [
        stamp(days=4),
        stamp(hours=-1),
        "yesterday",
        "2026-13-41T99:99:99Z",
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05Z",
        "0000-01-01T00:00:00Z",
    ],
)
def test_a_time_that_is_too_old_of_the_future_or_none_is_refused(authority, leaf, sent):
    with pytest.raises(BadSignature):
        verified(authority, leaf, headers=leaf.sign(BODY, WEBHOOK, time=sent))


def test_a_checksum_is_no_hash_which_is_why_nothing_in_a_body_is_believed(authority, leaf):
    """Another body with the same CRC-32 carries the same signature; a transmission therefore stands for one event."""
    forged = with_checksum(BODY.replace(b"WH-1", b"WH-2").rstrip(b"}") + b', "x": "', zlib.crc32(BODY))
    assert forged != BODY
    assert zlib.crc32(forged) == zlib.crc32(BODY)
    verified(authority, leaf, forged, leaf.sign(BODY, WEBHOOK))


def with_checksum(start, wanted):
    """``start`` and four bytes that bring its CRC-32 to ``wanted``; not printable, only the arithmetic matters here."""
    table = [_step(byte) for byte in range(256)]
    state, indexes = wanted ^ 0xFFFFFFFF, []
    for _ in range(4):
        indexes.append(next(i for i, value in enumerate(table) if value >> 24 == state >> 24))
        state = ((state ^ table[indexes[-1]]) << 8) & 0xFFFFFFFF
    state, tail = zlib.crc32(start) ^ 0xFFFFFFFF, bytearray()
    for index in reversed(indexes):
        tail.append((state ^ index) & 0xFF)
        state = (state >> 8) ^ table[index]
    return start + bytes(tail)


def _step(value):
    for _ in range(8):
        value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
    return value


# addresses


@pytest.mark.parametrize("host", ["api.sandbox.paypal.com", "api-m.sandbox.paypal.com"])
def test_paypals_own_address_is_taken(host):
    assert rules.certificate_path(f"https://{host}{CERT_PATH}", rules.SANDBOX) == CERT_PATH


@pytest.mark.parametrize(
    "url",
    [
        f"http://api.sandbox.paypal.com{CERT_PATH}",
        f"https://api.paypal.com{CERT_PATH}",
        f"https://api.sandbox.paypal.com.evil.example{CERT_PATH}",
        f"https://evil.example/api.sandbox.paypal.com{CERT_PATH}",
        f"https://api.sandbox.paypal.com@evil.example{CERT_PATH}",
        f"https://evil@api.sandbox.paypal.com{CERT_PATH}",
        f"https://notpaypal.com{CERT_PATH}",
        f"https://api.sandbox.paypal.com:8443{CERT_PATH}",
        f"https://api.sandbox.paypal.com:443{CERT_PATH}",
        f"https://api.sandbox.paypal.com:99999{CERT_PATH}",
        f"https://api.sandbox.paypal.com:{CERT_PATH}",
        f"https://API.sandbox.paypal.com{CERT_PATH}",
        f"https://api.sandbox.paypal.com.{CERT_PATH}",
        f"https://api.sandbox.paypal.com{CERT_PATH}?x=1",
        f"https://api.sandbox.paypal.com{CERT_PATH}?",
        f"https://api.sandbox.paypal.com{CERT_PATH}#x",
        f"https://api.sandbox.paypal.com{CERT_PATH}#",
        f"https://api.sandbox.paypal.com{CERT_PATH}/",
        f"https://api.sandbox.paypal.com{CERT_PATH}\n",
        f"https://api.sandbox.paypal.com\\@evil.example{CERT_PATH}",
        "https://api.sandbox.paypal.com/v1/notifications/certs/../../evil",
        "https://api.sandbox.paypal.com/v1/notifications/certs/%2e%2e",
        "https://api.sandbox.paypal.com/v1/notifications/certs/",
        "https://api.sandbox.paypal.com/v1/notifications/certs/a;b",
        "https://[::1/v1/notifications/certs/a",
        "file:///etc/passwd",
        "",
    ],
)
def test_any_other_address_is_refused_before_anything_is_fetched(url):
    with pytest.raises(BadSignature):
        rules.certificate_path(url, rules.SANDBOX)


# certificates


@pytest.mark.parametrize(
    "more",
    [
        {"name": "messageverificationcerts.paypal.com"},
        {"name": "messageverificationcerts.sandbox.paypal.com.evil.example"},
        {"name": "evil.paypal.com"},
        {"days": (-30, -1)},
        {"days": (1, 30)},
        {"server": False},
    ],
    ids=["of live", "longer name", "another name", "expired", "not yet", "not for servers"],
)
def test_a_certificate_that_is_not_paypals_is_refused_though_its_signature_is_right(authority, more):
    with pytest.raises(BadSignature):
        verified(authority, authority.leaf(**more))


def test_a_certificate_of_another_authority_is_refused(authority):
    with pytest.raises(BadSignature):
        verified(authority, Authority().leaf())


def test_a_certificate_without_the_chain_to_a_root_is_refused_under_the_public_roots(leaf):
    with pytest.raises(BadSignature):
        rules.certificate(leaf.pem.encode(), paypal_certificates.trust_roots(""), rules.SANDBOX, now())


@pytest.mark.parametrize("pem", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(authority, pem):
    with pytest.raises(BadSignature):
        rules.certificate(pem, Store([authority.root]), rules.SANDBOX, now())


def test_a_certificate_that_was_good_is_not_trusted_past_its_end(authority, leaf):
    known = rules.certificate(leaf.pem.encode(), Store([authority.root]), rules.SANDBOX, now())
    later = known.not_after + timedelta(seconds=1)
    sent = rules.transmission(raw(leaf.sign(BODY, WEBHOOK)))
    with pytest.raises(BadSignature, match="expired"):
        rules.check(sent, BODY, known, (WEBHOOK,), later)


def test_roots_come_from_text_or_from_a_file(authority, tmp_path, leaf):
    path = tmp_path / "root.pem"
    path.write_text(authority.pem)
    for setting in (authority.pem, str(path)):
        rules.certificate(leaf.pem.encode(), paypal_certificates.trust_roots(setting), rules.SANDBOX, now())
    assert x509.load_pem_x509_certificate(authority.pem.encode()) == authority.root


# fetching


@pytest.fixture
def stub():
    made = Stub()
    yield made
    made.close()


def with_gateway(stub, authority, what, **changes):
    settings = Settings(
        **{
            "payments_environment": "test",
            "paypal_client_id": "client",
            "paypal_client_secret": SecretStr("secret"),
            "paypal_environment": "sandbox",
            "paypal_webhook_ids": WEBHOOK,
            "paypal_api_base": stub.url,
            "paypal_certificate_base": stub.url,
            "paypal_trust_roots": authority.pem,
            "paypal_timeout_seconds": 0.5,
            "paypal_max_network_retries": 0,
            **changes,
        }
    )

    async def inside():
        made = PayPalGateway(settings)
        try:
            return await what(made)
        finally:
            await made.close()

    return asyncio.run(inside())


async def arrive(gateway, headers, body=BODY):
    await gateway.prepare_delivery(raw(headers))
    gateway.verify_delivery(body, raw(headers))


def test_a_certificate_is_fetched_once(stub, authority, leaf):
    stub.on("GET", CERT_PATH, Reply(200, leaf.pem.encode()))

    async def many(gateway):
        await asyncio.gather(*(arrive(gateway, leaf.sign(BODY, WEBHOOK)) for _ in range(20)))
        await arrive(gateway, leaf.sign(BODY, WEBHOOK))

    with_gateway(stub, authority, many)
    assert len(stub.calls(CERT_PATH)) == 1


def test_a_slow_certificate_is_not_waited_for_and_is_there_when_the_delivery_comes_again(stub, authority, leaf):
    stub.on("GET", CERT_PATH, Reply(200, leaf.pem.encode(), seconds=0.8))

    async def twice(gateway):
        started = time.monotonic()
        with pytest.raises(Unverifiable):
            await arrive(gateway, leaf.sign(BODY, WEBHOOK))
        waited = time.monotonic() - started
        await asyncio.sleep(1.0)
        await arrive(gateway, leaf.sign(BODY, WEBHOOK))
        return waited

    assert with_gateway(stub, authority, twice) < 0.6
    assert len(stub.calls(CERT_PATH)) == 1


@pytest.mark.parametrize(
    "reply",
    [Reply(500, b""), Reply(cut=True), Reply(302, b"", {"Location": "/elsewhere"})],
    ids=["500", "cut", "redirect"],
)
def test_a_certificate_that_cannot_be_had_is_no_forgery_and_is_not_hammered(stub, authority, leaf, reply):
    stub.on("GET", CERT_PATH, reply)
    stub.on("GET", "/elsewhere", Reply(200, leaf.pem.encode()))

    async def twice(gateway):
        for _ in range(2):
            with pytest.raises(Unverifiable):
                await arrive(gateway, leaf.sign(BODY, WEBHOOK))

    with_gateway(stub, authority, twice)
    assert len(stub.calls(CERT_PATH)) == 1
    assert stub.calls("/elsewhere") == []


@pytest.mark.parametrize("reply", [Reply(404, b""), Reply(200, b"x" * 200_000)], ids=["not there", "too large"])
def test_an_address_with_no_certificate_behind_it_is_a_forgery(stub, authority, leaf, reply):
    stub.on("GET", CERT_PATH, reply)
    with pytest.raises(BadSignature):
        with_gateway(stub, authority, lambda gateway: arrive(gateway, leaf.sign(BODY, WEBHOOK)))


def test_a_forgers_own_certificate_is_never_fetched_from_elsewhere(stub, authority):
    forger = Authority().leaf()
    stub.on("GET", "/v1/notifications/certs/mine", Reply(200, forger.pem.encode()))
    headers = forger.sign(BODY, WEBHOOK, url=f"{stub.url}/v1/notifications/certs/mine")
    with pytest.raises(BadSignature):
        with_gateway(stub, authority, lambda gateway: arrive(gateway, headers))
    assert stub.asked == []


def test_many_addresses_at_once_are_not_all_fetched(stub, authority, leaf):
    async def flood(gateway):
        urls = [f"{CERT_URL}-{number}" for number in range(50)]
        for url in urls:
            stub.on("GET", url.removeprefix("https://api.sandbox.paypal.com"), Reply(503, b"", seconds=0.3))
        await asyncio.gather(*(gateway.prepare_delivery(raw(leaf.sign(BODY, WEBHOOK, url=url))) for url in urls))

    with_gateway(stub, authority, flood)
    assert 0 < len(stub.asked) <= 4


# the second opinion


def opinion(stub, authority, leaf, body=BODY, **changes):
    async def ask(gateway):
        await gateway.second_opinion(body, raw(leaf.sign(body, WEBHOOK)))

    with_gateway(stub, authority, ask, **{"paypal_postback": "second_opinion", **changes})


VERIFY = "/v1/notifications/verify-webhook-signature"


def test_a_second_opinion_sends_the_event_back_byte_for_byte(stub, authority, leaf):
    stub.on("POST", VERIFY, Reply(200, {"verification_status": "SUCCESS"}))
    body = b'{ "amount":1.0,  "empty": {}, "id": "WH-1" }'
    opinion(stub, authority, leaf, body)
    [asked] = stub.calls(VERIFY)
    assert body in asked.body
    assert json.loads(asked.body)["webhook_id"] == WEBHOOK


def test_a_failure_is_a_forgery_though_it_comes_with_status_200(stub, authority, leaf):
    stub.on("POST", VERIFY, Reply(200, {"verification_status": "FAILURE"}))
    with pytest.raises(BadSignature):
        opinion(stub, authority, leaf)


@pytest.mark.parametrize("reply", [Reply(500, b""), Reply(cut=True), Reply(200, b"<html>")], ids=["500", "cut", "HTML"])
def test_a_second_opinion_that_cannot_be_had_is_neither_good_nor_a_forgery(stub, authority, leaf, reply):
    stub.on("POST", VERIFY, reply)
    with pytest.raises(Unverifiable):
        opinion(stub, authority, leaf)


def test_no_second_opinion_is_asked_for_unless_the_settings_say_so(stub, authority, leaf):
    opinion(stub, authority, leaf, paypal_postback="off")
    assert stub.asked == []


def test_a_body_that_would_change_the_question_is_not_sent(stub, authority, leaf):
    with pytest.raises(BadSignature):
        opinion(stub, authority, leaf, b'{}, "webhook_id": "another"')
    assert stub.calls(VERIFY) == []


def test_the_question_is_spliced_not_written_anew(leaf):
    sent = rules.transmission(raw(leaf.sign(BODY, WEBHOOK)))
    assert paypal.postback(sent, WEBHOOK, BODY).endswith(b',"webhook_event":' + BODY + b"}")
