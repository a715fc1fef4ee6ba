"""The loopback transport answers as httpx's own does, and fails with httpx's own errors."""

from __future__ import annotations

import asyncio
import contextlib
import gzip

import httpx
import pytest

from harness import loopback
from harness.processes import free_port

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@contextlib.asynccontextmanager
async def serving(*answers, keep=True):
    """A server that sends these bytes, one for each request, and remembers what it got."""
    got, connections, left = [], [], list(answers)

    async def serve(reader, writer):
        connections.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while left:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length")
                    ),
                    0,
                )
                got.append(head + await reader.readexactly(length))
                answer = left.pop(0)
                if answer is None:
                    await asyncio.sleep(30)
                writer.write(answer)
                await writer.drain()
                if not keep:
                    break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", free_port())
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with loopback.client(timeout=2) as client:
        yield client, url, got, connections
    server.close()
    for one in connections:
        one.close()


def plain(body, *headers):
    lines = [b"HTTP/1.1 200 OK", f"Content-Length: {len(body)}".encode(), *headers]
    return b"\r\n".join([*lines, b"", body])


async def test_one_connection_serves_many_requests():
    async with serving(plain(b"one"), plain(b"two")) as (client, url, got, connections):
        assert (await client.get(f"{url}/a?b=c%20d")).text == "one"
        answer = await client.post(f"{url}/b", json={"x": 1}, headers={"X-Y": "z"})
        assert (answer.text, answer.status_code) == ("two", 200)
        assert got[0].startswith(b"GET /a?b=c%20d HTTP/1.1\r\n")
        assert got[1].endswith(b'\r\n\r\n{"x":1}')
        assert b"X-Y: z" in got[1]
        assert len(connections) == 1


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde"),
        (plain(gzip.compress(b"zipped"), b"Content-Encoding: gzip"), b"zipped"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
async def test_every_way_to_say_where_a_body_ends(sent, body):
    async with serving(sent) as (client, url, _, _):
        assert (await client.get(url)).content == body


async def test_a_body_may_end_with_the_connection():
    async with serving(b"HTTP/1.1 200 OK\r\n\r\nuntil the end", keep=False) as (client, url, _, _):
        assert (await client.get(url)).text == "until the end"


async def test_a_connection_that_the_server_closes_is_not_used_again():
    async with serving(plain(b"1", b"Connection: close"), plain(b"2")) as (client, url, _, connections):
        assert (await client.get(url)).text == "1"
        assert (await client.get(url)).text == "2"
        assert len(connections) == 2


async def test_a_connection_that_the_server_hung_up_meanwhile_is_not_used_again():
    async with serving(plain(b"1"), plain(b"2"), keep=False) as (client, url, _, connections):
        assert (await client.get(url)).text == "1"
        await connections[0].wait_closed()
        assert (await client.get(url)).text == "2"


async def test_a_connection_cut_before_the_answer_is_an_error_and_nothing_is_repeated():
    async with serving(b"", plain(b"never asked for"), keep=False) as (client, url, got, _):
        with pytest.raises(httpx.RemoteProtocolError, match="disconnected without sending a response"):
            await client.post(url, json={})
        assert len(got) == 1


async def test_what_is_no_http_is_an_error():
    async with serving(b"SSH-2.0-OpenSSH\r\n\r\n") as (client, url, _, _):
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)


async def test_an_answer_that_does_not_come_is_a_timeout():
    async with serving(None) as (client, url, _, _):
        with pytest.raises(httpx.ReadTimeout):
            await client.get(url, timeout=0.05)


async def test_where_nobody_listens_there_is_no_connection():
    async with loopback.client(timeout=2) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{free_port()}/")


async def test_many_requests_at_once_each_get_their_own_answer():
    async with serving(*[plain(str(number).encode()) for number in range(20)]) as (client, url, got, _):
        answers = await asyncio.gather(*(client.get(f"{url}/{number}") for number in range(20)))
        assert sorted(int(answer.text) for answer in answers) == list(range(20))
        assert len(got) == 20
