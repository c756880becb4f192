"""Bodies of HTTP requests."""

import asyncio
import gzip

import pytest
from starlette.requests import Request

from serving.local_server import http_bodies
from serving.local_server.errors import ServingError


def read(limit, *chunks, **headers):
    messages = [{"type": "http.request", "body": chunk, "more_body": chunk is not chunks[-1]} for chunk in chunks]

    async def receive():
        return messages.pop(0)

    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return asyncio.run(http_bodies.read_request(Request({"type": "http", "headers": pairs}, receive), limit))


def test_chunks_are_joined():
    assert read(4, b"ab", b"cd") == b"abcd"


@pytest.mark.parametrize("headers", [{}, {"content_length": "5"}])
def test_larger_bodies_are_refused(headers):
    with pytest.raises(ServingError, match="larger than 4 bytes") as caught:
        read(4, b"ab", b"cde", **headers)
    assert caught.value.http_status == 413
    assert read(None, b"ab", b"cde") == b"abcde"


def test_larger_unpacked_bodies_are_refused_or_strictly_empty(monkeypatch):
    monkeypatch.setattr(http_bodies, "LARGEST_UNPACKED_BYTES", 1000)
    packed = gzip.compress(b"a" * 2000)
    with pytest.raises(ServingError, match="larger than 1500 bytes"):
        read(1500, packed, content_encoding="gzip")
    assert read(None, packed, content_encoding="gzip") == b""


def test_a_body_that_cannot_be_unpacked_is_empty():
    packed = gzip.compress(b"body")
    assert http_bodies.unzip(packed, 4) == b"body"
    assert http_bodies.unzip(packed, 3) is None
    for broken in (packed[:-1], packed + b"x", b"body", b""):
        assert http_bodies.unzip(broken, 100) == b""
