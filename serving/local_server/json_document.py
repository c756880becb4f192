"""Parses the body of a request: a JSON object, read with TensorFlow Serving's rules."""

from __future__ import annotations

import json
import re
from typing import Any

from serving.local_server.errors import Quoted, invalid_argument
from serving.local_server.json_reader import read_document

# What `json.loads` accepts and RapidJSON does not: half of a surrogate pair, and numbers beyond a double. The patterns
# also match in valid documents, which are then read correctly, but more slowly.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_LARGE_EXPONENT = re.compile(rb"[eE]\+?[0-9]{3}")
_LARGEST_DIGITS = 308 - 99  # a number with more, and with an exponent of two digits, may be beyond a double
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (_LARGEST_DIGITS + 1))


def parse_json(body: bytes) -> dict[str, Any]:
    """Parses a JSON object.

    NaN, Inf and Infinity are numbers, also with a minus sign. Of a key that occurs twice, the first value counts. Bytes
    of strings that are not UTF-8 become surrogates ("surrogateescape").

    Raises:
      ServingError: INVALID_ARGUMENT for anything else, with RapidJSON's message.
    """
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    document = _load(body)
    if not isinstance(document, dict):
        raise invalid_argument("JSON Value: ", Quoted(document), " Is not object")
    return document


def _load(body):
    if not _may_differ(body):
        try:
            return json.loads(body.decode("utf-8-sig"), object_pairs_hook=_keep_first)
        except (ValueError, RecursionError):
            pass  # read it again with RapidJSON's rules
    return read_document(body)


def _may_differ(body):
    """Returns whether `json.loads` may accept what RapidJSON does not.

    Searching an image in base64 for numbers takes longer than parsing it, so strings are cut out if the body has no
    escapes, and a pattern is tried only after something simpler has been found.
    """
    if b"\\" in body:
        if _SURROGATE.search(body):
            return True
        numbers = body
    else:
        numbers = b" ".join(body.split(b'"')[::2])
    if (b"e" in numbers or b"E" in numbers) and _LARGE_EXPONENT.search(numbers):
        return True
    return max(map(len, numbers.split(b","))) > _LARGEST_DIGITS and _LONG_NUMBER.search(numbers) is not None


def _keep_first(pairs):
    result = dict(pairs)
    return result if len(result) == len(pairs) else dict(reversed(pairs))
