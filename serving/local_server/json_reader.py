"""Reads JSON with RapidJSON's rules and messages, which are TensorFlow Serving's; nesting costs no stack.

Slower than the standard library's `json`, so `json_document` reads with it only what that library refuses or reads
differently: Inf and NaN with a sign, bytes that are not UTF-8, deep nesting, a NUL as the end, and invalid documents.
"""

from __future__ import annotations

import re
from typing import Any

from serving.local_server.errors import ServingError, invalid_argument

# TensorFlow Serving 2.15.1 reads 100,000 levels of lists and ends with a segmentation fault at 200,000.
LARGEST_DEPTH = 100_000
_SPACE = re.compile(rb"[ \t\r\n]*")
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SPECIAL = re.compile(rb"(-?)(NaN|Inf(?:inity)?)(?!i)")
# A part of a string. The number of escapes is bounded, because the pattern takes memory for each of them.
_CHARACTERS = re.compile(rb'[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*){0,500}')
_ESCAPE = re.compile(r'\\(?:u([dD][89abAB]..)\\u([dD][c-fC-F]..)|u(....)|(["\\/bfnrt]))', re.DOTALL)
_ESCAPED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS = {b"t": (b"true", True), b"f": (b"false", False), b"n": (b"null", None)}


def read_document(body: bytes) -> Any:
    """Reads a JSON document. Of a key that occurs twice in one object, the first value counts.

    Args:
      body: the document; bytes of strings that are not UTF-8 become surrogates ("surrogateescape").

    Raises:
      ServingError: INVALID_ARGUMENT with RapidJSON's message and the offset in bytes.
    """
    reader = _Reader(body)
    if reader.peek() in (b"", b"\0"):
        raise reader.error("The document is empty.")
    value = reader.read_tree()
    if reader.peek() not in (b"", b"\0"):  # RapidJSON takes a NUL for the end
        raise reader.error("The document root must not be followed by other values.")
    return value


class _Reader:
    """The document and a position in it."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._position = 3 if body.startswith(b"\xef\xbb\xbf") else 0

    def error(self, message: str, offset: int | None = None) -> ServingError:
        """Returns the error at an offset in bytes; None: at the position."""
        return invalid_argument(
            f"JSON Parse error: {message} at offset: {self._position if offset is None else offset}"
        )

    def peek(self) -> bytes:
        """Skips white space; returns the next byte, or b"" at the end."""
        self._position = self._match(_SPACE).end()
        return self._body[self._position : self._position + 1]

    def read_tree(self) -> Any:
        """Reads a value with everything in it."""
        open_values: list[Any] = []  # the lists and objects around the position
        keys: list[str] = []  # the key that waits for its value, for each open object
        while True:
            # Read a scalar, or open a list or an object.
            value = self._read_start()
            if isinstance(value, (list, dict)) and not self._take(b"]" if isinstance(value, list) else b"}"):
                if len(open_values) == LARGEST_DEPTH:
                    raise self.error(f"nested deeper than {LARGEST_DEPTH} levels")
                open_values.append(value)
                if isinstance(value, dict):
                    keys.append(self._read_key())
                continue
            # Put it into the list or object around it, and close those that end here.
            while open_values:
                around = open_values[-1]
                if isinstance(around, list):
                    around.append(value)
                    if self._take(b","):
                        break
                    if not self._take(b"]"):
                        raise self.error("Missing a comma or ']' after an array element.")
                else:
                    around.setdefault(keys.pop(), value)
                    if self._take(b","):
                        keys.append(self._read_key())
                        break
                    if not self._take(b"}"):
                        raise self.error("Missing a comma or '}' after an object member.")
                value = open_values.pop()
            else:
                return value

    def _match(self, pattern):
        return pattern.match(self._body, self._position)

    def _take(self, mark):
        if self.peek() != mark:
            return False
        self._position += 1
        return True

    def _read_start(self):
        """Reads a scalar, or the opening bracket of a list or object, which it returns empty."""
        first = self.peek()
        if first in (b"[", b"{"):
            self._position += 1
            return [] if first == b"[" else {}
        if first == b'"':
            return self._read_string()
        if first in _WORDS:
            word, value = _WORDS[first]
            if not self._body.startswith(word, self._position):
                raise self.error("Invalid value.", self._position + 1)
            self._position += len(word)
            return value
        return self._read_number()

    def _read_key(self):
        if self.peek() != b'"':
            raise self.error("Missing a name for object member.")
        key = self._read_string()
        if not self._take(b":"):
            raise self.error("Missing a colon after a name of object member.")
        return key

    def _read_number(self):
        start = self._position
        special = self._match(_SPECIAL)
        if special:
            self._position = special.end()
            return float((special[1] + special[2]).decode("ascii"))
        number = self._match(_NUMBER)
        if not number:
            raise self.error("Invalid value.", start + self._body.startswith(b"-", start))
        self._position = number.end()
        rest = self._body[self._position : self._position + 1]
        if rest == b"." and not (number[1] or number[2]):
            raise self.error("Miss fraction part in number.", self._position + 1)
        if rest in (b"e", b"E") and not number[2]:
            raise self.error("Miss exponent in number.", self._position + 1)
        # float() first: int() of thousands of digits takes quadratic time.
        value = float(number[0])
        if value in (float("inf"), float("-inf")):
            raise self.error("Number too big to be stored in double.", start)
        return value if number[1] or number[2] else int(number[0])

    def _read_string(self):
        start = self._position
        self._position += 1
        while (end := self._match(_CHARACTERS).end()) > self._position:
            self._position = end
        following = self._body[self._position : self._position + 1]
        if following != b'"':
            message = {b"": "Missing a closing quotation mark in string.", b"\\": "Invalid escape character in string."}
            raise self.error(message.get(following, "Invalid encoding in string."))
        text = self._body[start + 1 : self._position].decode("utf-8", "surrogateescape")
        self._position += 1
        return _ESCAPE.sub(lambda escape: self._unescape(escape, start), text) if "\\" in text else text

    def _unescape(self, escape, start):
        high, low, plain, letter = escape.groups()
        if letter:
            return _ESCAPED[letter]
        if high:
            return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
        if 0xD800 <= int(plain, 16) <= 0xDFFF:
            raise self.error("The surrogate pair in string is invalid.", start)
        return chr(int(plain, 16))
