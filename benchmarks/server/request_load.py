"""What the serving benchmark sends: images, single requests, and requests without a pause."""

from __future__ import annotations

import base64
import json
import threading
import time

import cv2
import numpy as np
import requests

ANSWER_S = 60
IMAGE_HW = (256, 256)
SEED = 0


class Load:
    """Requests without a pause from some threads.

    Args:
      ask: function of a `requests.Session` that sends a request and returns what is to be kept of the answer.
      threads: int.

    Attributes:
      seen: set of what `ask` returned.
      faults: list of str, the errors that it raised, and one for each thread that waits for an answer for too long at
        the end.
      answers_s: list of float, how long each request took.
    """

    def __init__(self, ask, threads):
        self.seen, self.faults, self.answers_s = set(), [], []
        self._ask, self._stop = ask, threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        deadline = time.monotonic() + ANSWER_S
        for thread in self._threads:
            thread.join(timeout=max(0, deadline - time.monotonic()))
            if thread.is_alive():
                self.faults.append(f"no answer within {ANSWER_S} s")

    def _run(self):
        with open_session() as session:
            while not self._stop.is_set():
                start = time.perf_counter()
                try:
                    self.seen.add(self._ask(session))
                except Exception as error:  # noqa: BLE001  whatever went wrong is counted
                    self.faults.append(repr(error))
                self.answers_s.append(time.perf_counter() - start)


def ask(session, url, body):
    """Sends a prediction and reads the answer (dict).

    Raises:
      requests.RequestException: where it is none, or an error.
    """
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = session.post(f"{url}/v1/models/pose:predict", data=data, timeout=60)
    response.raise_for_status()
    return json.loads(response.content)


def jpeg_body(images) -> bytes:
    """Returns the body of a request about JPEGs (bytes each)."""
    inputs = [{"b64": base64.b64encode(image).decode()} for image in images]
    return json.dumps({"inputs": {"image_bytes": inputs}}).encode()


def make_images(count) -> list:
    """Returns JPEGs (bytes) of coarse noise, IMAGE_HW."""
    generator = np.random.default_rng(SEED)
    images = []
    for _ in range(count):
        small = generator.integers(0, 256, (16, 16, 3)).astype(np.uint8)
        picture = cv2.resize(small, IMAGE_HW[::-1], interpolation=cv2.INTER_CUBIC)
        images.append(cv2.imencode(".jpg", picture)[1].tobytes())
    return images


def open_session():
    """Returns a `requests.Session` that keeps its connection."""
    session = requests.Session()
    session.trust_env = False  # no proxy stands before this machine's own server
    return session
