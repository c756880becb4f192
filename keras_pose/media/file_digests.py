"""Digests of files, to find out whether one is still what it was: of the whole content, or of samples of a video's."""

from __future__ import annotations

import hashlib
import os

import numpy as np

DIGITS = 16  # of a SHA-256, hexadecimal
_CHUNK = 1 << 20
# A video's digest: its first and last bytes, and pieces between them.
_ENDS = 1 << 20
_PIECES = 8
_PIECE = 1 << 18


def digest_file(path: str) -> str:
    """Returns the digest of the content of a file."""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            if not chunk:
                return found.hexdigest()[:DIGITS]
            found.update(chunk)


def digest_video(path: str) -> str:
    """Returns the digest of the size of a file, its first and last MiB and 8 pieces of 256 KiB evenly between them."""
    size = os.path.getsize(path)
    found = hashlib.sha256(str(size).encode())
    between = np.linspace(_ENDS, max(size - _ENDS - _PIECE, _ENDS), _PIECES).astype(int)
    pieces = [(0, _ENDS), *((int(start), _PIECE) for start in between), (max(size - _ENDS, 0), _ENDS)]
    with open(path, "rb") as file:
        for start, length in pieces:
            file.seek(start)
            found.update(file.read(length))
    return found.hexdigest()[:DIGITS]
