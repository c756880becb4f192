"""Decodes text files whose encoding nobody wrote down: spreadsheets save UTF-8, UTF-16 or Latin-1."""

from __future__ import annotations

import codecs
import json

# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


def decode_text(data: bytes) -> tuple[str, str]:
    """Decodes the bytes of a text file.

    Args:
      data: the whole file.

    Returns:
      The text, without a byte order mark; and what to note about the encoding, empty for UTF-8.

    Raises:
      ValueError: if a byte order mark promises an encoding that the data does not have.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError as error:
                raise ValueError(f"expected {encoding.upper()}, as the file begins, but {error.reason}") from error
            return text, "" if encoding == "utf-8-sig" else f"read as {encoding.upper()}"
    encoding = _guess_utf_16(data)
    try:
        return data.decode(encoding or "utf-8"), f"read as {encoding.upper()}" if encoding else ""
    except UnicodeDecodeError:
        note = "read as Latin-1, since it is not UTF-8; check names with accents"
    try:
        return data.decode("cp1252"), note  # Latin-1 as Windows has it
    except UnicodeDecodeError:
        return data.decode("latin-1"), note


def _guess_utf_16(data):
    """The kind of UTF-16 without a mark, in which every second byte of Latin letters is 0; None for other text."""
    head = data[:400]
    if len(head) >= 4 and head[1::2].count(0) > 0.8 * len(head[1::2]) and head[0::2].count(0) == 0:
        return "utf-16-le"
    if len(head) >= 4 and head[0::2].count(0) > 0.8 * len(head[0::2]) and head[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def describe_json_error(error: ValueError) -> str:
    """Returns why a text is no JSON: it is empty, or cut off, or what Python's parser says."""
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    if not error.doc.strip("\0 \t\r\n"):
        return "the file is empty"
    if error.msg.startswith("Unterminated string") or error.pos >= len(error.doc.rstrip()):
        return f"the file ends too early, so it may be cut: {error}"
    return str(error)
