"""The courier delivers to a real endpoint, keeps a receipt for each try, and tries again until it is accepted."""

from __future__ import annotations

import asyncio
import contextlib
import time

import httpx
import pytest
import stripe
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from harness.courier import Courier, Poller, made_up, plan, variant
from harness.processes import free_port

pytestmark = pytest.mark.anyio
SECRET = "whsec_courier"


class Door:
    """An endpoint that answers what it is told to, and remembers what came."""

    def __init__(self):
        self.answers = []
        self.came = []
        self.at_once = self.most_at_once = 0

    async def answer(self, request):
        body = await request.body()
        self.came.append((request.url.path, dict(request.headers), body))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        return Response(status_code=self.answers.pop(0) if self.answers else 200)


async def until(met, within=10):
    deadline = time.monotonic() + within
    while not met():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def opened():
    door = Door()
    port = free_port()
    routes = [Route("/hook", door.answer, methods=["POST"]), Route("/hook/", door.answer, methods=["POST"])]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=port, log_level="error"))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        yield door, Courier(f"http://127.0.0.1:{port}/hook", [SECRET], client)
    server.should_exit = True
    await task


def event(number=1):
    return made_up("payment_intent.succeeded", {"id": f"pi_{number}", "object": "payment_intent", "amount": number})


async def test_a_delivery_arrives_byte_for_byte_under_a_signature_that_stripe_accepts():
    async with opened() as (door, courier):
        seen = []
        courier.on_receipt = seen.append
        made = await courier.carry(variant("as sent").parcel(event(), "as sent"))
        ((_, headers, body),) = door.came
        assert body == made.parcel.event.body
        assert stripe.WebhookSignature.verify_header(body.decode(), headers["stripe-signature"], SECRET, 300)
        assert headers["content-type"] == "application/json; charset=utf-8"
        receipt = made.receipt
        assert seen == [receipt]
        assert (receipt.status, receipt.event_type, receipt.object_id) == (200, "payment_intent.succeeded", "pi_1")
        assert receipt.ms > 0


async def test_what_is_not_accepted_is_carried_again_freshly_signed():
    async with opened() as (door, courier):
        door.answers = [500, 429, 302]
        tries = await courier.carry_until_accepted(variant("as sent").parcel(event(), "as sent"))
        assert [one.receipt.status for one in tries] == [500, 429, 302, 200]
        assert [one.receipt.variant for one in tries][1:] == ["as sent, try 2", "as sent, try 3", "as sent, try 4"]
        assert len({one.receipt.event_id for one in tries}) == 1


async def test_what_no_provider_would_repeat_is_tried_once():
    async with opened() as (door, courier):
        door.answers = [500]
        tries = await courier.carry_until_accepted(variant("with malformed JSON").parcel(event(), "malformed"))
        assert [one.receipt.status for one in tries] == [500]


async def test_copies_at_once_are_under_way_at_the_same_time():
    async with opened() as (door, courier):
        made = await courier.carry_all(plan("30 times at once")([event()]))
        assert len(made) == 30
        assert door.most_at_once > 1


async def test_an_endpoint_that_is_gone_leaves_a_receipt_and_no_exception():
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        courier = Courier(f"http://127.0.0.1:{free_port()}/hook", [SECRET], client)
        made = await courier.carry(variant("as sent").parcel(event(), "as sent"))
        assert made.receipt.status == 0
        assert made.receipt.error


async def test_the_slash_variant_goes_to_the_address_with_a_slash():
    async with opened() as (door, courier):
        await courier.carry(variant("to the address with a slash added").parcel(event(), "slash"))
        assert door.came[0][0] == "/hook/"


async def test_a_poller_carries_what_is_new_once_and_in_order():
    async with opened() as (door, courier):
        made = [event(number) for number in range(5)]

        async def source(after):
            known = [one.id for one in made]
            return [one.document for one in made[known.index(after) + 1 if after else 0 :]]

        poller = Poller(source, courier, every=0.01)
        await poller.start(made[0].id)
        await until(lambda: len(door.came) == 4)
        poller.held = True
        made.append(event(9))
        assert await poller.once() == 0
        poller.held = False
        assert await poller.once() in {0, 1}
        await poller.close()
        assert [one.receipt.object_id for one in poller.carried] == ["pi_1", "pi_2", "pi_3", "pi_4", "pi_9"]


async def test_a_poll_that_fails_is_told_and_tried_again():
    failure = RuntimeError("the provider is away")
    async with opened() as (door, courier):
        calls, told = [], []

        async def source(after):
            calls.append(after)
            if len(calls) == 1:
                raise failure
            return [event().document] if len(calls) == 2 else []

        poller = Poller(source, courier, every=0.01, on_error=told.append)
        await poller.start(None)
        await until(lambda: door.came)
        await poller.close()
        assert told == [failure]
        assert len(door.came) == 1
