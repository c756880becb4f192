"""JSON between client and server: requests that the local server parses, and answers that the client parses."""

from __future__ import annotations

import contextlib
import json
import random

import numpy as np

from serving.client import errors as client_errors
from serving.client.pose_client import PoseClient
from serving.local_server import errors as server_errors
from serving.local_server import json_requests
from tests.fuzz import oracle
from tests.fuzz.changes import raw, trees
from tests.helpers import fake_server

_TYPES = (
    {"image_bytes": np.dtype(object)},
    {"frames": np.dtype(np.uint8)},
    {"a": np.dtype(np.float32), "b": np.dtype(np.int64), "c": np.dtype(bool)},
)


def run_request(rng: random.Random, folder: str, log: list) -> bool:
    """Changes a predict request. The tensors must hold as many values as the request."""
    dtypes = rng.choice(_TYPES)
    tree = _request(rng, dtypes)
    kind = rng.choice(("tree", "tree", "tree", "text", "bytes"))
    for _ in range(rng.randrange(1, 4) if kind == "tree" else 0):
        tree = trees.change_tree(rng, tree, log)
    data = json.dumps(tree).encode()
    if kind == "text":
        data = raw.change_text(rng, data, log)
    elif kind == "bytes":
        data = b"[" * 100_000 if rng.randrange(20) == 0 else raw.change_bytes(rng, data, log)
    with open(f"{folder}/request.json", "wb") as file:
        file.write(data)
    outcome = oracle.attempt(_parse, data, dtypes, names=("",), allowed=(server_errors.ServingError,))
    if outcome.error is not None:
        code = outcome.error.code
        oracle.expect(code in ("INVALID_ARGUMENT", "UNIMPLEMENTED"), "wrong code", f"{code}: {outcome.error}")
        oracle.expect(len(str(outcome.error)) < 2000, "message too long", str(outcome.error)[:300])
        return False
    if kind == "tree":
        key = "instances" if "instances" in tree else "inputs"
        values = sum(array.size for array in outcome.value.values())
        leaves = _count_leaves(tree[key], set(dtypes))
        oracle.expect(values == leaves, "values lost without a word", f"{values} of {leaves} read from {tree}")
    return True


def _request(rng, dtypes):
    values = {"O": {"b64": "AAEC"}, "u": [[[1, 2, 3]]], "f": [0.5, 1], "i": 7, "b": True}
    row = {name: values[dtype.kind] for name, dtype in dtypes.items()}
    if rng.randrange(2):
        rows = [row, row] if len(row) > 1 or rng.randrange(2) else [next(iter(row.values()))] * 2
        return {"signature_name": "serving_default", "instances": rows}
    columns = {name: [value, value] for name, value in row.items()}
    return {"inputs": columns if len(row) > 1 or rng.randrange(2) else next(iter(columns.values()))}


def _parse(data, dtypes):
    return json_requests.tensors_from_request(json_requests.read_body(data), dtypes)


def _count_leaves(value, names, top=True):
    if isinstance(value, list):
        return sum(_count_leaves(item, names, top) for item in value)
    if isinstance(value, dict) and top and set(value) != {"b64"}:
        # Only the inputs that the signature has.
        return sum(_count_leaves(item, names, False) for name, item in value.items() if name in names)
    return 1


class _Answers:
    """A server on this machine that gives one answer after another; started by the first case."""

    def __init__(self):
        self.next = (200, b"")
        self._stack = contextlib.ExitStack()
        self._client = None

    def client(self):
        if self._client is None:
            url, received = self._stack.enter_context(fake_server.answering(lambda request: self._answer(received)))
            self._client = self._stack.enter_context(PoseClient(url))
        return self._client

    def _answer(self, received):
        received.clear()
        return self.next


_ANSWERS = _Answers()


def run_answer(rng: random.Random, folder: str, log: list) -> bool:
    """Changes the answer to a predict request: poses of two images with three joints."""
    tree = {
        "outputs": {
            "keypoints": [[[1.5, 2.5], [3.0, 4.0], [5.0, 6.0]]] * 2,
            "scores": [[0.5, 0.25, 1.0]] * 2,
            "valid": [[True, False, True]] * 2,
        }
    }
    kind = rng.choice(("tree", "tree", "tree", "text", "bytes"))
    for _ in range(rng.randrange(1, 4) if kind == "tree" else 0):
        tree = trees.change_tree(rng, tree, log)
    data = json.dumps(tree).encode()
    if kind == "text":
        data = raw.change_text(rng, data, log)
    elif kind == "bytes":
        data = b"[" * 100_000 if rng.randrange(20) == 0 else raw.change_bytes(rng, data, log)
    status = rng.choice((200,) * 8 + (201, 400, 404, 500, 302))
    with open(f"{folder}/answer.json", "wb") as file:
        file.write(data)
    client = _ANSWERS.client()
    _ANSWERS.next = (status, data)
    allowed = (client_errors.ServingError,)
    outcome = oracle.attempt(client.predict_images, [b"one", b"two"], names=("http://", "signature"), allowed=allowed)
    if outcome.error is not None:
        return False
    poses = outcome.value
    shapes = [array.shape for array in poses]
    good = shapes[0][:1] == (2,) and shapes[0][2:] == (2,) and shapes[0][:2] == shapes[1] == shapes[2]
    oracle.expect(good, "poses of wrong shapes", f"{shapes} from {data[:300]!r}")
    types = [array.dtype for array in poses]
    oracle.expect(types == [np.float32, np.float32, bool], "poses of wrong types", str(types))
    return True
