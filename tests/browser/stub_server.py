"""A server that serves the page and answers like TensorFlow Serving, but with the poses that a test names."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import json
import threading
import time

import cv2
import numpy as np

from tests import conftest

SKELETON = {
    "name": "three",
    "joints": ["red", "green", "blue"],
    "edges": [["red", "green"]],
    "colors": [[255, 0, 0], [0, 255, 0], [0, 0, 255]],
}
STOP_S = 10


class Stub:
    """What the server answers, and what it was asked.

    Attributes:
      pose: dict with keypoints, scores, valid: the answer to each picture; in clips, the first joint is where the white
        square of `actions.clip` begins.
      describes: whether there is a signature `describe`.
      takes_clips: whether there is a signature `predict_clip`.
      card: dict, the model card.
      input_dtype: str, of the only input of serving_default.
      failure: (status, message) of each prediction, or None.
      delay_s: how long a prediction takes.
      bodies: parsed bodies of the predictions asked for, in order.
      most_at_once: the most predictions that ran at one time.
      url: str, address of the REST API; the page is at /demo/.
    """

    def __init__(self):
        self.pose = {"keypoints": [[10, 20], [40, 30], [50.5, 8.25]], "scores": [1, 1, 1], "valid": [True] * 3}
        self.describes, self.input_dtype, self.failure, self.delay_s = True, "DT_STRING", None, 0.0
        self.takes_clips, self.card = False, {}
        self.bodies, self.most_at_once, self._at_once = [], 0, 0
        self._lock = threading.Lock()
        self.url = ""

    def answer(self, method, path, body):
        """Returns (status, answer) of a request below /v1/models/."""
        if not path.startswith("/v1/models/pose"):
            return 404, {"error": "Could not find any versions of model"}
        if path.endswith("/metadata"):
            tensor = {"dtype": self.input_dtype, "tensor_shape": {"dim": [{"size": "-1"}]}}
            signatures = {"serving_default": {"inputs": {"image_bytes": tensor}}}
            if self.describes:
                signatures["describe"] = {"inputs": {"topic": tensor}}
            if self.takes_clips:
                signatures["predict_clip"] = {"inputs": {"frames_bytes": {**tensor, "dtype": "DT_STRING"}}}
            return 200, {"metadata": {"signature_def": {"signature_def": signatures}}}
        if method == "GET":
            return 200, {"model_version_status": [{"version": "7", "state": "AVAILABLE", "status": {}}]}
        if body.get("signature_name") == "describe":
            return 200, {"outputs": [json.dumps(SKELETON if body["inputs"]["topic"] == ["skeleton"] else self.card)]}
        return self._predict(body)

    def _predict(self, body):
        with self._lock:
            self.bodies.append(body)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        time.sleep(self.delay_s)
        with self._lock:
            self._at_once -= 1
        if self.failure:
            return self.failure[0], {"error": self.failure[1]}
        if body.get("signature_name") == "predict_clip":
            poses = [self.pose_at(square(frame["b64"])) for frame in body["inputs"]["frames_bytes"][0]]
            return 200, {"outputs": {name: [[pose[name] for pose in poses]] for name in self.pose}}
        return 200, {"predictions": [self.pose]}

    def pose_at(self, x):
        """The pose of a frame of a clip by where its square begins."""
        return {**self.pose, "keypoints": [[x, 60], *self.pose["keypoints"][1:]]}


def square(base64_text):
    """Left border of the white square in a frame of `actions.clip` that was sent."""
    image = cv2.imdecode(np.frombuffer(base64.b64decode(base64_text), np.uint8), cv2.IMREAD_GRAYSCALE)
    return int(np.argmax(image[60] > 128))


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def __init__(self, stub, *arguments):
        self.stub = stub
        super().__init__(*arguments, directory=str(conftest.ROOT / "serving"))

    def do_GET(self):
        if self.path.startswith("/v1/"):
            self._send(*self.stub.answer("GET", self.path, None))
        else:
            super().do_GET()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(*self.stub.answer("POST", self.path, body))

    def _send(self, status, answer):
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the page was closed meanwhile
            self.wfile.write(text)

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def open_stub():
    """Runs a `Stub` on a free port of this machine until the block ends."""
    stub = Stub()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, stub))
    server.daemon_threads = True
    server.block_on_close = False
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=STOP_S)
