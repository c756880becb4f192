"""Base64 as TensorFlow Serving decodes it (Abseil's Base64Unescape): white space anywhere, all padding or none."""

from __future__ import annotations

import base64
import binascii
import re

from serving.local_server.errors import invalid_argument

_PACKED = re.compile(r"([A-Za-z0-9+/]*)([=.]*)")  # a full stop is padding, too
_SPACE = re.compile(r"[ \t\n\v\f\r]+")
# Number of padding characters by the number of data characters in the last group of four.
_PADDING = {0: 0, 2: 2, 3: 1}


def decode_base64(text: str) -> bytes:
    """Decodes base64.

    Raises:
      ServingError: INVALID_ARGUMENT for other characters, a single left-over character, or a part of the padding.
    """
    match = _PACKED.fullmatch(text) or _PACKED.fullmatch(_SPACE.sub("", text))
    if match is None:
        raise invalid_argument("Unable to base64 decode")
    data, padding = match.groups()
    expected = _PADDING.get(len(data) % 4)
    if expected is None or len(padding) not in (0, expected):
        raise invalid_argument("Unable to base64 decode")
    try:
        return base64.b64decode(data + "=" * expected)
    except binascii.Error as error:
        raise invalid_argument("Unable to base64 decode") from error
