"""What every process of the integration needs open while it runs: the database and the gateways.

Apart from the API, so that a worker starts without loading a web framework. The kinds of calls that may be pending
register themselves when their modules are loaded, so all of them are loaded here: a janitor has to know each.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from reference_impl import database, gateways
from reference_impl.payments import approval, cancel, capture, start, sync, tokens
from reference_impl.refunds import requesting
from reference_impl.settings import Settings

KINDS_OF_CALLS = (start, approval, tokens, capture, cancel, requesting)


@asynccontextmanager
async def opened(settings: Settings, application: str, *, durable_inbox: bool = True) -> AsyncIterator[None]:
    """The database and the gateways, open for as long as the block runs."""
    database.open_engine(settings, application=application)
    await database.open_pool(settings, application=application, durable=durable_inbox)
    gateways.open_all(settings)
    sync.run_live(settings.live)
    try:
        yield
    finally:
        await gateways.close_all()
        await database.close()
