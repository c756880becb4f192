"""Parses paths of the REST API: the model, the version and the action.

As in TensorFlow Serving, a query belongs to the path: `…/models/pose?x=1` is a model named "pose?x=1".
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from serving.local_server.errors import ServingError, invalid_argument
from serving.local_server.version_folders import LARGEST_VERSION

_CHOICE = r"(?:/versions/(\d+)|/labels/([^/:]+))?"
_POST = re.compile(rf"/v1/models/([^/:]+){_CHOICE}:(classify|regress|predict)", re.IGNORECASE | re.ASCII)
_GET = re.compile(rf"/v1/models(?:/([^/:]+))?{_CHOICE}(?:/(metadata))?", re.IGNORECASE | re.ASCII)


class ModelChoice(NamedTuple):
    """A model and one of its versions. If `version` and `label` are both None, the newest version is meant."""

    model: str
    version: int | None = None
    label: str | None = None

    def __str__(self) -> str:
        if self.version is None:
            return f"Latest({self.model})"
        return f"Specific({self.model}, {self.version})"


class VersionOverflowError(ServingError):
    """A version beyond an int64, which TensorFlow Serving answers with 400 and an empty body."""


def parse_path(http_method: str, path: str) -> tuple[ModelChoice, str]:
    """Parses a path of the REST API.

    Args:
      http_method: "GET", "POST", …
      path: path and query as sent, percent-encoded.

    Returns:
      The model, and the action: "predict", "classify", "regress", "status" or "metadata".

    Raises:
      VersionOverflowError: if the version is too large.
      ServingError: INVALID_ARGUMENT if the API has no such path or the method does not fit it.
    """
    pattern = {"GET": _GET, "POST": _POST}.get(http_method)
    match = pattern.fullmatch(path) if pattern else None
    if match is None:
        raise invalid_argument(f"Malformed request: {http_method} {path}")
    model, version, label, verb = match.groups()
    if version is not None and not _is_int64(version):
        raise VersionOverflowError("INVALID_ARGUMENT", f"Failed to convert version: {version} to numeric.")
    # The path ignores case, the names of the actions do not.
    if http_method == "POST" and verb not in ("classify", "regress", "predict"):
        raise invalid_argument(f"Malformed request: {http_method} {path}")
    if model is None:
        raise invalid_argument("Missing model name in request.")
    number = None if version is None else int(version.lstrip("0") or "0")
    choice = ModelChoice(_decode(model), number, None if label is None else _decode(label))
    if http_method == "POST":
        return choice, verb
    return choice, "metadata" if verb == "metadata" else "status"


def _decode(text):
    return unquote_to_bytes(text).decode("utf-8", "surrogateescape")


def _is_int64(digits):
    digits = digits.lstrip("0")
    return len(digits) < 19 or (len(digits) == 19 and int(digits) <= LARGEST_VERSION)
