"""The requests of `serving`: images, single requests, and requests without a pause."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import requests

ANSWER_S = 60
IMAGE_HW = (256, 256)
SEED = 0


class Load:
    """Requests without a pause from several threads.

    Args:
      ask: function of a `requests.Session` that sends a request and returns what to keep of the answer.
      threads: number of threads.

    Attributes:
      seen: the values that `ask` returned.
      faults: the errors that it raised, and one for each thread that still waits for an answer at the end.
      answers_s: how long each request took.
    """

    def __init__(self, ask: Callable[[requests.Session], Any], threads: int) -> None:
        self.seen: set[Any] = set()
        self.faults: list[str] = []
        self.answers_s: list[float] = []
        self._ask = ask
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
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
                except Exception as error:  # noqa: BLE001  every kind of failure counts
                    self.faults.append(repr(error))
                self.answers_s.append(time.perf_counter() - start)


def ask(session: requests.Session, url: str, body: bytes | dict[str, Any]) -> dict[str, Any]:
    """Sends a prediction request and reads the answer.

    Raises:
      requests.RequestException: if there is no answer, or it is an error.
    """
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = session.post(f"{url}/v1/models/pose:predict", data=data, timeout=60)
    response.raise_for_status()
    return json.loads(response.content)


def jpeg_body(images: Sequence[bytes]) -> bytes:
    """Returns the body of a request with JPEGs."""
    inputs = [{"b64": base64.b64encode(image).decode()} for image in images]
    return json.dumps({"inputs": {"image_bytes": inputs}}).encode()


def make_images(count: int) -> list[bytes]:
    """Returns JPEGs of coarse noise, of size IMAGE_HW."""
    generator = np.random.default_rng(SEED)
    images = []
    for _ in range(count):
        small = generator.integers(0, 256, (16, 16, 3)).astype(np.uint8)
        picture = cv2.resize(small, IMAGE_HW[::-1], interpolation=cv2.INTER_CUBIC)
        images.append(cv2.imencode(".jpg", picture)[1].tobytes())
    return images


def open_session() -> requests.Session:
    """Returns a session that keeps its connection."""
    session = requests.Session()
    session.trust_env = False  # a server on this machine is not reached through a proxy
    return session
