"""The certificates that PayPal signs with: fetched once, with limits, kept while they are good.

A sender decides which certificate is asked for, so fetching is rationed: few at a time, a short wait, a small answer,
no redirect, and an address that gave nothing is left alone for a while. Only addresses that passed
``paypal_signature.certificate_path`` come here.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import warnings
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path

import certifi
import httpx
from cryptography import x509
from cryptography.x509.verification import Store

from reference_impl import logs
from reference_impl.gateways import paypal_signature as rules
from reference_impl.gateways.protocol import BadSignature, Unverifiable
from reference_impl.settings import Settings

WAIT_SECONDS = 0.3
"""How long a delivery waits for a certificate; after that it is asked to come again, and the fetch goes on."""
_FETCH_SECONDS = 5.0
_LARGEST = 64 * 1024
_KEPT = 16
_FETCHES = 4
_LEFT_ALONE_SECONDS = 5.0
_OK, _MISSING = 200, frozenset({404, 410})
_MARK = "-----BEGIN CERTIFICATE-----"
_log = logs.get("paypal")


class Certificates:
    """What is known of PayPal's certificates in this process."""

    def __init__(self, settings: Settings) -> None:
        self.origin = rules.LIVE if settings.live else rules.SANDBOX
        self._base = settings.paypal_certificate_base.rstrip("/")
        self._roots_setting = settings.paypal_trust_roots
        self._roots: Store | None = None
        self._known: OrderedDict[str, rules.Certificate] = OrderedDict()
        self._refused: OrderedDict[str, tuple[float, str | None]] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[None]] = {}
        self._http: httpx.AsyncClient | None = None

    def of(self, url: str) -> rules.Certificate:
        """The certificate at an address.

        Raises ``BadSignature`` for an address or a certificate that is not PayPal's, ``Unverifiable`` while it is not
        known which it is.
        """
        rules.certificate_path(url, self.origin)
        known = self._known.get(url)
        if known is not None:
            self._known.move_to_end(url)
            return known
        _, reason = self._refused.get(url, (0.0, None))
        if reason is not None:
            raise BadSignature(reason)
        raise Unverifiable("the certificate is not here yet")

    async def prepare(self, url: str) -> None:
        """See to it that ``of`` can answer: fetch what is not known, and wait a moment for it."""
        if url in self._known or self._left_alone(url):
            return
        task = self._fetching.get(url)
        if task is None:
            if len(self._fetching) >= _FETCHES:
                return
            task = asyncio.create_task(self._fetch(url, rules.certificate_path(url, self.origin)))
            self._fetching[url] = task
            task.add_done_callback(lambda _: self._fetching.pop(url, None))
        await asyncio.wait({task}, timeout=WAIT_SECONDS)

    async def close(self) -> None:
        """End what is under way."""
        for task in list(self._fetching.values()):
            task.cancel()
        if self._http is not None:
            await self._http.aclose()

    def _left_alone(self, url: str) -> bool:
        until, _ = self._refused.get(url, (0.0, None))
        if until > time.monotonic():
            return True
        self._refused.pop(url, None)
        return False

    async def _fetch(self, url: str, path: str) -> None:
        try:
            pem = await self._read(f"{self._base}{path}" if self._base else url)
            roots = await self._trusted()
            self._known[url] = rules.certificate(pem, roots, self.origin, datetime.now(UTC))
        except BadSignature as error:
            self._refuse(url, str(error))
        except (httpx.HTTPError, Unverifiable, OSError, ValueError) as error:
            _log.warning("paypal.certificate_not_fetched", error=type(error).__name__, reason=str(error)[:120])
            self._refuse(url, None)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    def _refuse(self, url: str, reason: str | None) -> None:
        self._refused[url] = (time.monotonic() + _LEFT_ALONE_SECONDS, reason)
        self._refused.move_to_end(url)
        while len(self._refused) > _KEPT * 4:
            self._refused.popitem(last=False)

    async def _read(self, url: str) -> bytes:
        if self._http is None:
            self._http = httpx.AsyncClient(
                timeout=_FETCH_SECONDS, follow_redirects=False, trust_env=not self._base, max_redirects=0
            )
        content = b""
        async with asyncio.timeout(_FETCH_SECONDS), self._http.stream("GET", url) as answer:
            if answer.status_code in _MISSING:
                raise BadSignature("a certificate that is not there")
            if answer.status_code != _OK:
                raise Unverifiable(f"the certificate's address answered {answer.status_code}")
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > _LARGEST:
                    raise BadSignature("a certificate that is too large")
        return content

    async def _trusted(self) -> Store:
        if self._roots is None:
            self._roots = await asyncio.to_thread(trust_roots, self._roots_setting)
        return self._roots


def trust_roots(setting: str) -> Store:
    """The roots that are trusted: those of a PEM file or text, else the ones that browsers trust."""
    if not setting:
        return Store(_readable(Path(certifi.where()).read_text(encoding="utf-8")))
    text = setting if _MARK in setting else Path(setting).read_text(encoding="utf-8")
    return Store(x509.load_pem_x509_certificates(text.encode()))


def _readable(bundle: str) -> list[x509.Certificate]:
    """Every root of the public bundle that can be read: an odd one among them must not cost us all the others."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about serial numbers of old roots, which are not ours to put right
        for part in bundle.split(_MARK)[1:]:
            with contextlib.suppress(ValueError):
                found.append(x509.load_pem_x509_certificate((_MARK + part).encode()))
    return found
