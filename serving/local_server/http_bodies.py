"""Reads the bodies of HTTP requests: limited in size, unpacked if they are gzipped."""

from __future__ import annotations

import zlib

from starlette.requests import Request

from serving.local_server.errors import ServingError

LARGEST_UNPACKED_BYTES = 100 * 1024 * 1024  # TensorFlow Serving's limit, of bodies after unpacking only


async def read_request(request: Request, limit: int | None) -> bytes:
    """Returns the body of a request. As in TensorFlow Serving, one that cannot be unpacked is an empty one.

    Args:
      request: the request.
      limit: largest size in bytes, packed and unpacked. None: that of TensorFlow Serving, which reads packed bodies of
        any size.

    Raises:
      ServingError: PAYLOAD_TOO_LARGE if the body is larger than `limit`.
    """
    too_large = ServingError("PAYLOAD_TOO_LARGE", f"The request body is larger than {limit} bytes")
    length = request.headers.get("content-length", "")
    if limit is not None and length.isdigit() and int(length) > limit:
        raise too_large
    chunks = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if limit is not None and size > limit:
            raise too_large
        chunks.append(chunk)
    body = b"".join(chunks)
    if "gzip" not in request.headers.get("content-encoding", ""):
        return body
    unpacked = unzip(body, LARGEST_UNPACKED_BYTES if limit is None else limit)
    if unpacked is None:
        if limit is not None:
            raise too_large
        return b""
    return unpacked


def unzip(body: bytes, limit: int) -> bytes | None:
    """Returns the unpacked body, b"" if it is broken or something follows it, or None if it is larger than `limit`."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error:
        return b""
    if len(unpacked) > limit:
        return None
    return unpacked if unpacker.eof and not unpacker.unused_data else b""
