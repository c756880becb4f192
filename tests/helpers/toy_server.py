"""A tiny SavedModel (it scales numbers and measures strings), and the local server as a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading

import requests
import tensorflow as tf

from tests.helpers import warm_process

START_S = 90
STOP_S = 20
REQUEST_S = 20


class Toy(tf.Module):
    """A model with several signatures; `scale` multiplies by `factor`.

    Args:
      factor: float.
    """

    def __init__(self, factor):
        super().__init__()
        self.factor = tf.Variable(factor)

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
    def scale(self, x):
        """Multiplies rows of two numbers."""
        return {"y": x * self.factor}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
    def measure(self, image_bytes):
        """Returns strings and their lengths."""
        return {"length": tf.strings.length(image_bytes), "copy_bytes": image_bytes}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="n")])
    def fussy(self, n):
        """Returns square roots, or fails for negative numbers."""
        tf.debugging.assert_non_negative(n, message="n must not be negative")
        return {"root": tf.sqrt(tf.cast(n, tf.float32))}

    @tf.function(input_signature=[])
    def clock(self):
        """Has no inputs."""
        return {"time": tf.timestamp()}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def name_of(self, x):
        """Returns a string alone."""
        return {"name": tf.strings.substr("toy", 0, 3 + 0 * tf.size(x))}

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32, name="seconds")])
    def sleep(self, seconds):
        """Returns after some seconds."""
        end = tf.timestamp() + tf.cast(seconds, tf.float64)
        return {"time": tf.while_loop(lambda now: now < end, lambda now: tf.timestamp(), [tf.timestamp()])[0]}


def save(folder, factor):
    """Saves a `Toy` to a folder (pathlib.Path).

    Its signatures are serving_default (scale), measure, fussy, clock, name and sleep.
    """
    toy = Toy(factor)
    signatures = {
        "serving_default": toy.scale,
        "measure": toy.measure,
        "fussy": toy.fussy,
        "clock": toy.clock,
        "name": toy.name_of,
        "sleep": toy.sleep,
    }
    tf.saved_model.save(toy, str(folder), signatures=signatures)


@contextlib.contextmanager
def run(*flags):
    """Runs the local server on a free port; yields the url of its model. SIGTERM must end it with status 0."""
    process, url = _start(flags)
    try:
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOP_S)
        finally:
            process.kill()
        assert status == 0


def _start(flags):
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, "-m", "serving.local_server", "--rest_api_port=0", *flags]
    process = warm_process.start(command, environment)
    lines = []
    reader = threading.Thread(target=lambda: lines.append(process.stdout.readline()), daemon=True)
    reader.start()
    reader.join(START_S)
    if not lines or not lines[0].startswith("serving "):
        process.kill()
        process.wait(10)
        raise AssertionError(f"the server did not start: {lines}")
    return process, lines[0].split(" at ")[1].strip()


def post(url, body, **keywords):
    """Sends a body (bytes, or a value that becomes JSON); returns the `requests.Response`."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return requests.post(url, data=data, timeout=REQUEST_S, **keywords)


def error_of(answer, status):
    """Returns the message of an error response, after checking its status and form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    return answer.json()["error"]
