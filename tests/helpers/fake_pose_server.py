"""A small REST server that answers like TensorFlow Serving with a pose model, or misbehaves as a test sets it."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import threading
import time

import numpy as np

SKELETON = {"name": "two", "joints": ["left", "right"], "flip_pairs": [["left", "right"]], "edges": []}
REACH = 2  # frames on each side that the clip model looks at


class FakePoseServer:
    """The received requests, and how the server answers.

    Attributes:
      requests: list of (method, path, parsed body or None).
      headers: list of the requests' headers, as dicts.
      answers: list of (status, JSON value or bytes); each request takes the first one. If empty, `fake_poses` answers.
      pause_s: wait before each answer.
      hang_ups: number of requests whose connection is closed without an answer.
      window_seconds: reach of the model's window in s; 0: the model does not ask for frame rates.
    """

    def __init__(self):
        self.requests = []
        self.headers = []
        self.answers = []
        self.pause_s = 0.0
        self.hang_ups = 0
        self.window_seconds = 0.0

    def answer(self, body):
        """Returns (status, answer) for the parsed body of a request; None: a status request."""
        if self.answers:
            return self.answers.pop(0)
        if body is None:
            return 200, {"model_version_status": [{"version": "1", "state": "AVAILABLE"}]}
        if self.window_seconds and body["inputs"].get("topic") == ["model_card"]:
            training = {"window_seconds": self.window_seconds}
            card = {"signatures": ["predict_clip_at_rate"], "training": training}
            return 200, {"outputs": [json.dumps(card)]}
        return 200, {"outputs": fake_poses(body.get("signature_name", "serving_default"), body["inputs"])}


def fake_poses(signature, inputs):
    """Returns the outputs of a signature.

    The joints of an image are its number of bytes; those of a frame in a clip are the mean over REACH frames each way.
    """

    def rows(values):
        return {
            "keypoints": [[[v, 2 * v]] * 2 for v in values],
            "scores": [[0.5, 1.0]] * len(values),
            "valid": [[v > 0, v > 0] for v in values],
        }

    if signature == "describe":
        return [json.dumps(SKELETON) if t == "skeleton" else "" for t in inputs["topic"]]
    if signature == "predict_frames":
        return rows([float(np.mean(frame)) for frame in inputs["frames"]])
    if signature in ("predict_clip", "predict_clip_at_rate"):
        clips = [[float(len(base64.b64decode(f["b64"]))) for f in clip] for clip in inputs["frames_bytes"]]
        means = [[np.mean(c[max(0, i - REACH) : i + REACH + 1]) for i in range(len(c))] for c in clips]
        parts = [rows([float(m) for m in mean]) for mean in means]
        return {name: [part[name] for part in parts] for name in parts[0]}
    return rows([float(len(base64.b64decode(i["b64"]))) for i in inputs["image_bytes"]])


@contextlib.contextmanager
def serve(fake):
    """Runs a `FakePoseServer` on a free port of this machine; yields its url."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self):
            self._answer(None)

        def do_POST(self):
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, body):
            fake.requests.append((self.command, self.path, body))
            fake.headers.append(dict(self.headers.items()))
            if fake.hang_ups:
                fake.hang_ups -= 1
                self.close_connection = True
                return
            time.sleep(fake.pause_s)
            status, answer = fake.answer(body)
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
