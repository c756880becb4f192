"""Requests that are almost valid: a valid one with a few random changes to its tree, its text or its path.

Whatever it receives, a server must answer in JSON, in time, and with a status below 500.
"""

from __future__ import annotations

import base64
import copy
import json
import random
import re
from collections.abc import Sequence
from typing import Any

import requests

LIMIT_S = 60.0
# fmt: off
_ODD_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 255, 256, 1.5, -1e308, 1e400, float("nan"), 2**31, 2**63, 10**30,
    "", "text", "\x00", "\ud800", "\U0001f600", [], [[]], [[], [0]], {},
    {"b64": ""}, {"b64": "!"}, {"b64": "AAA"}, {"b64": None}, {"b64": "AAAA", "more": 1},
)
_ODD_NAMES = ("", "inputs", "instances", "signature_name", "image_bytes", "b64", "frames", "nope", "\x00")
_ODD_BYTES = (
    b"", b"\x00", b"\xff", b"{", b"}", b"[", b"]", b'"', b",", b":", b"1e999", b"-", b"\\u", b"\\", b"NaN", b" ",
)
_ODD_PATHS = (
    "/versions/0", "/versions/-1", "/versions/9" + "9" * 30, "/labels/x", "/labels/", "%00", "%ff", "/..", "?a=b",
)
# fmt: on
_HUGE_VERSION = re.compile(r"/versions/\d{20}")
_METHODS = ("predict", "classify", "regress", "x", "")


def valid_requests(jpeg: bytes, png: bytes) -> list[dict[str, Any]]:
    """Returns bodies that use every signature, in rows and in columns, from two small images."""
    first, second = ({"b64": base64.b64encode(data).decode()} for data in (jpeg, png))
    frames = [[[[0, 128, 255], [9, 8, 7]], [[1, 2, 3], [4, 5, 6]]]]
    return [
        {"inputs": {"image_bytes": [first, second]}},
        {"instances": [first, second]},
        {"instances": [{"image_bytes": second}]},
        {"signature_name": "predict_regions", "inputs": {"image_bytes": [first], "regions": [[1, 2, 10.5, 10]]}},
        {"signature_name": "predict_frames", "inputs": {"frames": frames}},
        {"signature_name": "heatmaps", "instances": frames},
        {"signature_name": "predict_clip", "inputs": {"frames_bytes": [[first, first, {"b64": ""}]]}},
        {"signature_name": "describe", "instances": ["skeleton", "model_card"]},
    ]


def mutate(chooser: random.Random, valid: Sequence[dict[str, Any]], model: str) -> tuple[str, bytes]:
    """Draws a request.

    Args:
      chooser: `random.Random`, or anything with its choice, randrange and random.
      valid: bodies to start from.
      model: name of the model.

    Returns:
      Path and body, to be sent by POST.
    """
    body = copy.deepcopy(chooser.choice(valid))
    for _ in range(chooser.randrange(4)):
        body = _mutate_tree(chooser, body)
    data = json.dumps(body).encode()
    for _ in range(chooser.choice((0, 0, 0, 1, 1, 3))):
        data = _mutate_text(chooser, data)
    path = f"/v1/models/{model}:predict"
    if chooser.randrange(20) == 0:
        path = f"/v1/models/{model}{chooser.choice(_ODD_PATHS)}:{chooser.choice(_METHODS)}"
    return path, data


def find_fault(session: requests.Session, url: str, path: str, body: bytes) -> str | None:
    """Sends a request and judges the answer.

    Args:
      session: connection to use.
      url: address of the server.
      path: path of the request.
      body: body of the request.

    Returns:
      What is wrong with the answer; None if it is as it should be.
    """
    try:
        response = session.post(url + path, data=body, timeout=LIMIT_S)
    except requests.Timeout:
        return f"no answer within {LIMIT_S:g} s"
    except requests.RequestException as error:
        return f"no answer: {error}"
    if response.status_code == 400 and not response.content and _HUGE_VERSION.search(path):
        return None  # as TensorFlow Serving answers
    if response.status_code >= 500:
        return f"status {response.status_code}: {response.text[:300]}"
    try:
        answer = response.json()
    except ValueError:
        return f"no JSON: {response.text[:300]!r}"
    expected = {"predictions", "outputs"} if response.status_code == 200 else {"error"}
    if not isinstance(answer, dict) or len(answer) != 1 or not expected & set(answer):
        return f"status {response.status_code}, expected one of {sorted(expected)}, received {str(answer)[:300]}"
    return None


def _mutate_tree(chooser, body):
    """Changes one node: replaces, drops, doubles, renames or wraps it, or changes its bytes."""
    places = list(_list_places(body))
    if not places:
        return chooser.choice(_ODD_VALUES)
    parent, key = chooser.choice(places)
    value = parent[key]
    kind = chooser.randrange(6)
    if kind == 0:
        del parent[key]
    elif kind == 1 and isinstance(parent, list):
        parent.insert(key, copy.deepcopy(value))
    elif kind == 1:
        parent[chooser.choice(_ODD_NAMES)] = parent.pop(key)
    elif kind == 2:
        parent[key] = [value]
    elif kind == 3 and isinstance(value, (list, dict)) and len(value):
        parent[key] = value[0] if isinstance(value, list) else next(iter(value.values()))
    elif kind == 4 and key == "b64" and isinstance(value, str):
        parent[key] = _mutate_base64(chooser, value)
    else:
        parent[key] = copy.deepcopy(chooser.choice(_ODD_VALUES))
    return body


def _mutate_base64(chooser, text):
    try:
        data = bytearray(base64.b64decode(text))
    except ValueError:
        return text
    for _ in range(1 + chooser.randrange(4)):
        if data:
            data[chooser.randrange(len(data))] = chooser.randrange(256)
    if chooser.randrange(3) == 0:
        del data[chooser.randrange(len(data) + 1) :]
    return base64.b64encode(bytes(data)).decode()


def _mutate_text(chooser, data):
    start = chooser.randrange(len(data) + 1)
    stop = min(len(data), start + chooser.choice((0, 1, 5, 1000)))
    kind = chooser.randrange(4)
    if kind == 0:
        return data[:start] + data[stop:]
    if kind == 1:
        return data[:start] + data[start:stop] * 2 + data[stop:]
    if kind == 2:
        return data[:start] + chooser.choice((b"[", b'{"a":', b"\\")) * chooser.choice((10, 5000)) + data[stop:]
    return data[:start] + chooser.choice(_ODD_BYTES) + data[stop:]


def _list_places(node):
    """Yields (parent, key) of every node below a tree's root."""
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield node, key
        yield from _list_places(node[key])
