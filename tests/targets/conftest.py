"""Coroutines of this folder's tests run on asyncio (modules that have some mark themselves ``anyio``)."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"
