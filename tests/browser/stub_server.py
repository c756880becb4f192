"""A server for the demo page that answers like TensorFlow Serving, with the poses that a test sets."""

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
    """The server's answers, and the requests it received.

    Attributes:
      pose: dict with keypoints, scores, valid: the answer to each image. In clips, the first joint is at the left edge
        of the white square of `actions.write_video`.
      describes: whether the model has the signature `describe`.
      takes_clips: whether the model has the signature `predict_clip`.
      takes_rates: whether a model that takes clips has `predict_clip_at_rate`, too.
      card: dict, the model card.
      input_dtype: str, type of the only input of serving_default.
      failure: (status, message) for each prediction, or None.
      delay_s: duration of a prediction.
      bodies: parsed bodies of the prediction requests, in order.
      most_at_once: the largest number of simultaneous predictions.
      models: names of the models that the page offers.
      url: str, address of the REST API; the page is at /demo/.
    """

    def __init__(self):
        self.pose = {"keypoints": [[10, 20], [40, 30], [50.5, 8.25]], "scores": [1, 1, 1], "valid": [True] * 3}
        self.describes = True
        self.takes_clips = False
        self.takes_rates = False
        self.card = {}
        self.models = ["pose"]
        self.input_dtype = "DT_STRING"
        self.failure = None
        self.delay_s = 0.0
        self.bodies = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self.url = ""

    def answer(self, method, path, body):
        """Returns (status, answer) for a request to /v1/models/."""
        if not any(path.startswith(f"/v1/models/{name}") for name in self.models):
            return 404, {"error": "Could not find any versions of model"}
        if path.endswith("/metadata"):
            tensor = {"dtype": self.input_dtype, "tensor_shape": {"dim": [{"size": "-1"}]}}
            signatures = {"serving_default": {"inputs": {"image_bytes": tensor}}}
            if self.describes:
                signatures["describe"] = {"inputs": {"topic": tensor}}
            if self.takes_clips:
                signatures["predict_clip"] = {"inputs": {"frames_bytes": {**tensor, "dtype": "DT_STRING"}}}
            if self.takes_rates:
                rated = {
                    "frames_bytes": {**tensor, "dtype": "DT_STRING"},
                    "frame_rate": {**tensor, "dtype": "DT_FLOAT"},
                }
                signatures["predict_clip_at_rate"] = {"inputs": rated}
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
        if body.get("signature_name") in ("predict_clip", "predict_clip_at_rate"):
            poses = [self.pose_at(find_square(frame["b64"])) for frame in body["inputs"]["frames_bytes"][0]]
            return 200, {"outputs": {name: [[pose[name] for pose in poses]] for name in self.pose}}
        return 200, {"predictions": [self.pose]}

    def pose_at(self, x):
        """Returns the pose for a frame of a clip whose square begins at `x`."""
        return {**self.pose, "keypoints": [[x, 60], *self.pose["keypoints"][1:]]}


def find_square(base64_text):
    """Returns the left edge of the white square in a sent frame of `actions.write_video`."""
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
        elif self.path == "/demo/models.json":
            self._send(200, {"models": self.stub.models})
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
        with contextlib.suppress(ConnectionError):  # if the page was closed meanwhile
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
