"""Which texts name a live source: a camera or a stream, which have no end and cannot be read again.

A path that exists is always a file, whatever it looks like.
"""

from __future__ import annotations

import os
import re

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_DEVICE = re.compile(r"/dev/video\d+")


def is_live(text: str) -> bool:
    """Whether a text names a camera ("0", "/dev/video0") or an address with a scheme ("rtsp://…", "file:///…")."""
    return is_camera(text) or is_address(text)


def is_camera(text: str) -> bool:
    """Whether a text is the number of a camera, or a video device of Linux."""
    if _DEVICE.fullmatch(text):
        return True
    return text.isascii() and text.isdecimal() and not os.path.exists(text)


def is_address(text: str) -> bool:
    """Whether a text is an address with a scheme."""
    return bool(_SCHEME.match(text)) and not os.path.exists(text)


def describe(text: str) -> str:
    """Returns a short name of a live source for messages and files: "camera 0", or the address without a password."""
    if text.isdecimal():
        return f"camera {text}"
    return re.sub(r"(?<=://)[^/@]*@", "", text)
