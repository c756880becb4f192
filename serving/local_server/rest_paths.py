"""Parses paths of the REST API: the model, the version and the action."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from serving.local_server.errors import invalid_argument
from serving.local_server.version_folders import LARGEST_VERSION

_CHOICE = r"/v1/models/([^/:]+)(?:/versions/(\d+)|/labels/([^/:]+))?"
_POST = re.compile(_CHOICE + r":(classify|regress|predict)", re.IGNORECASE | re.ASCII)
_GET = re.compile(_CHOICE + r"(/metadata)?", re.IGNORECASE | re.ASCII)
_ALL_MODELS = re.compile(r"/v1/models", re.IGNORECASE)


class ModelChoice(NamedTuple):
    """A model and one of its versions. If `version` and `label` are both None, the newest version is meant."""

    model: str
    version: int | None = None
    label: str | None = None

    def __str__(self) -> str:
        if self.version is None:
            return f"Latest({self.model})"
        return f"Specific({self.model}, {self.version})"


def parse_path(http_method: str, path: str) -> tuple[ModelChoice, str]:
    """Parses a path of the REST API.

    Args:
      http_method: "GET", "POST", …
      path: the path as sent: percent-encoded, without the query.

    Returns:
      The model, and the action: "predict", "classify", "regress", "status" or "metadata".

    Raises:
      ServingError: INVALID_ARGUMENT if the API has no such path or the method does not fit it.
    """
    pattern = {"GET": _GET, "POST": _POST}.get(http_method)
    match = pattern.fullmatch(path) if pattern else None
    if match is None:
        if http_method == "GET" and _ALL_MODELS.fullmatch(path):
            raise invalid_argument("Missing model name in request.")
        raise invalid_argument(f"Malformed request: {http_method} {path}")
    model, version, label, verb = match.groups()
    if version is not None:
        number = int(version) if len(version) <= 19 else LARGEST_VERSION + 1
        if number > LARGEST_VERSION:
            raise invalid_argument(f"Failed to convert version: {version} to numeric.")
        version = number
    choice = ModelChoice(_decode(model), version, None if label is None else _decode(label))
    if http_method == "POST":
        return choice, verb.lower()
    return choice, "metadata" if verb else "status"


def _decode(text):
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError as error:
        raise invalid_argument(f"Failed to decode model name or label: {text}") from error
