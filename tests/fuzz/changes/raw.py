"""Changes of bytes: flipped bits, cuts, insertions, runs of zeros, copied pieces."""

from __future__ import annotations

import random
from collections.abc import Callable

_LONGEST = 64


def change_bytes(rng: random.Random, data: bytes, log: list[str], start: int = 0, stop: int | None = None) -> bytes:
    """Returns the data after one change between `start` and `stop`."""
    stop = len(data) if stop is None else min(stop, len(data))
    if stop <= start:
        return data
    at = rng.randrange(start, stop)
    name = rng.choice(sorted(_CHANGES))
    size = min(rng.choice((1, 2, 4, 16, _LONGEST, 1024)), stop - at)
    log.append(f"{name} of {size} at byte {at} of {len(data)}")
    return _CHANGES[name](rng, data, at, size)


def cut_end(rng: random.Random, data: bytes, log: list[str]) -> bytes:
    """Returns the beginning of the data."""
    at = rng.randrange(len(data))
    log.append(f"cut after byte {at} of {len(data)}")
    return data[:at]


def change_text(rng: random.Random, data: bytes, log: list[str]) -> bytes:
    """Returns a text file with one change of its bytes that text files meet."""
    name = rng.choice(sorted(_TEXTS))
    log.append(name)
    return _TEXTS[name](data)


def _noise(rng, size):
    return random.Random(rng.randrange(1 << 32)).randbytes(size)


def _flip(rng, data, at, size):
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


_CHANGES: dict[str, Callable] = {
    "flip": _flip,
    "zeros": lambda rng, data, at, size: data[:at] + bytes(size) + data[at + size :],
    "ones": lambda rng, data, at, size: data[:at] + b"\xff" * size + data[at + size :],
    "noise": lambda rng, data, at, size: data[:at] + _noise(rng, size) + data[at + size :],
    "deletion": lambda rng, data, at, size: data[:at] + data[at + size :],
    "insertion": lambda rng, data, at, size: data[:at] + _noise(rng, size) + data[at:],
    "repetition": lambda rng, data, at, size: data[: at + size] + data[at:],
}

_TEXTS: dict[str, Callable[[bytes], bytes]] = {
    "byte-order mark": lambda data: b"\xef\xbb\xbf" + data,
    "Windows line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "old Macintosh line ends": lambda data: data.replace(b"\n", b"\r"),
    "empty file": lambda data: b"",
    "only blanks": lambda data: b" \n\n",
    "UTF-16": lambda data: data.decode("utf-8", "replace").encode("utf-16"),
    "Latin-1 letter": lambda data: data[:40] + b"\xe9" + data[40:],
    "NUL": lambda data: data[: len(data) // 2] + b"\x00" + data[len(data) // 2 :],
    "twice": lambda data: data + data,
    "no end": lambda data: data[: len(data) * 2 // 3],
    "blank lines": lambda data: b"\n" + data + b"\n\n",
}
HARMLESS_TEXTS = ("byte-order mark", "Windows line ends", "blank lines")
