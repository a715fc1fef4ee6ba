"""The HTTP application: the webhook doors beside the guarded API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from sqlalchemy import text

from reference_impl import __version__, database
from reference_impl.api import faults
from reference_impl.api.guard import Guard
from reference_impl.catalogue import endpoints as catalogue
from reference_impl.disputes import endpoints as disputes
from reference_impl.errors import Unavailable
from reference_impl.ledger import endpoints as ledger
from reference_impl.opening import opened
from reference_impl.orders import endpoints as orders
from reference_impl.payments import endpoints as payments
from reference_impl.reconciliation import endpoints as reconciliation
from reference_impl.refunds import endpoints as refunds
from reference_impl.settings import Settings
from reference_impl.webhooks import door
from reference_impl.webhooks import endpoints as webhooks

health = APIRouter(tags=["health"])


@health.get("/healthz")
async def process_is_up() -> dict[str, str]:
    """The process is up."""
    return {"status": "ok"}


@health.get("/readyz")
async def database_is_reachable() -> dict[str, str]:
    """The database answers."""
    async with database.transaction() as session:
        if await session.scalar(text("SELECT 1")) != 1:
            raise Unavailable("database_unavailable", "The database does not answer.")
    return {"status": "ready"}


class Application:
    """The whole: paths of webhook doors go to the door, everything else to the API.

    Built before the database is there.
    """

    def __init__(self, settings: Settings, *, with_worker: bool) -> None:
        self.settings = settings
        self.with_worker = with_worker
        self.api = build_api(settings, self._lifespan)
        self.guarded = Guard(self.api, https=settings.public_url.startswith("https://"))
        self.door: door.Door | None = None

    async def __call__(self, scope: door.Scope, receive: door.Receive, send: door.Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and self.door is not None and scope["path"] in door.PATHS:
            await self.door(scope, receive, send)
        else:
            await self.guarded(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        async with opened(self.settings, "reference-serve"):
            self.door = door.Door(self.settings, database.pool())
            stop = asyncio.Event()
            work: asyncio.Task[None] | None = None
            if self.with_worker:
                from reference_impl.webhooks import queue

                work = asyncio.create_task(queue.run(self.settings, stop))
            yield
            stop.set()
            if work is not None:
                await work


def build_api(settings: Settings, lifespan: Any = None) -> FastAPI:
    """The API as FastAPI serves it; interactive pages are left out, they load scripts from elsewhere."""
    app = FastAPI(
        title="Reference payment integration",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        responses={"4XX": {"description": 'One sentence: `{"error": {"code", "message"}}`'}},
    )
    app.state.settings = settings
    for part in (catalogue, orders, payments):
        app.include_router(part.router)
    for part in (orders, payments, refunds, disputes, ledger, webhooks, reconciliation):
        app.include_router(part.staff_router)
    app.include_router(health)
    faults.install(app)
    _describe_door(app)
    return app


DOORS = (
    ("/webhooks/stripe", "Stripe", ("Stripe-Signature",)),
    (
        "/webhooks/paypal",
        "PayPal",
        (
            "PayPal-Transmission-Id",
            "PayPal-Transmission-Time",
            "PayPal-Transmission-Sig",
            "PayPal-Cert-Url",
            "PayPal-Auth-Algo",
        ),
    ),
    ("/webhooks/square", "Square", ("x-square-hmacsha256-signature",)),
)


def _door_of(provider: str, headers: tuple[str, ...]) -> dict[str, Any]:
    return {
        "tags": ["webhooks"],
        "summary": f"Take an event from {provider}",
        "description": "Verified on the raw bytes, stored, enqueued, then acknowledged.",
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in headers
        ],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
            "200": {"description": "Stored, now or before"},
            "400": {"description": "Not signed, too old, of another mode or account, or no event"},
            "404": {"description": "The shop does not take payments through this provider"},
            "413": {"description": "Larger than any event"},
            "503": {"description": "Could not be stored, or not be checked yet; send it again"},
        },
    }


def _describe_door(app: FastAPI) -> None:
    """The door is no FastAPI route; its description is added to the document."""
    original = app.openapi

    def described() -> dict[str, Any]:
        document = original()
        for path, name, headers in DOORS:
            document["paths"].setdefault(path, {"post": _door_of(name, headers)})
        return document

    app.openapi = described  # type: ignore[method-assign]  # FastAPI documents this as the way to extend the document
