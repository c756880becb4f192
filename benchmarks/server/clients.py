"""Clients at once that cost next to nothing, so that on shared cores the server is measured and not they.

One thread serves all connections. A client has a connection of its own that it keeps, and sends its next request when
the answer to the last has come, whole. While the clock runs an answer is only taken from the socket and its length is
read; `count_wrong` judges all of them when it has stopped.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
from urllib.parse import urlsplit

import numpy as np

LIMIT_S = 60
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


def run(url, bodies, count):
    """Lets one client a body send it `count` times, all at once.

    Args:
      url: str, the server.
      bodies: list of bytes, of requests.
      count: int.

    Returns:
      List by client of lists of bytes: the answers as they came, with their headers.

    Raises:
      OSError: where a connection ends or nothing comes for LIMIT_S.
      ValueError: for an answer that does not say its length, or is longer.
    """
    selector, clients = selectors.DefaultSelector(), []
    try:
        for body in bodies:
            clients.append(_Client(url, body, count))
            selector.register(clients[-1].socket, selectors.EVENT_READ, clients[-1])
        for client in clients:
            client.send()
        while selector.get_map():
            events = selector.select(LIMIT_S)
            if not events:
                raise TimeoutError(f"no answer within {LIMIT_S} s")
            for key, _ in events:
                if not key.data.read():
                    selector.unregister(key.fileobj)
        return [client.answers for client in clients]
    finally:
        selector.close()
        for client in clients:
            client.socket.close()


class _Client:
    def __init__(self, url, body, count):
        address = urlsplit(url)
        head = f"POST /v1/models/pose:predict HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._request, self._to_send = head.encode("ascii") + body, count
        self._received, self._length = b"", None
        self.answers = []
        self.socket = socket.create_connection((address.hostname, address.port), timeout=LIMIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self):
        self._to_send -= 1
        self.socket.sendall(self._request)

    def read(self):
        """Reads what is there; sends the next request where that was all. Returns bool, whether more is to come."""
        received = self.socket.recv(1 << 18)
        if not received:
            raise ConnectionError("the server ended a connection")
        self._received += received
        if self._length is None:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return True
            found = _LENGTH.search(self._received, 0, end + 2)
            if found is None:
                raise ValueError(f"expected an answer that says its length, received {self._received[:end]!r}")
            self._length = end + 4 + int(found[1])
        if len(self._received) < self._length:
            return True
        if len(self._received) > self._length:
            raise ValueError(f"expected an answer of {self._length} bytes, received {len(self._received)}")
        self.answers.append(self._received)
        self._received, self._length = b"", None
        if not self._to_send:
            return False
        self.send()
        return True


def count_wrong(answers, expected):
    """Counts the answers that are not 200 with the joints of the client's image.

    Args:
      answers: list by client of lists of bytes, as `run` returns them.
      expected: list by client of dict of output name to array [1, …], of direct calls.
    """
    wrong = 0
    for received, outputs in zip(answers, expected):
        for answer in received:
            head, _, body = answer.partition(b"\r\n\r\n")
            wrong += not (head.startswith(b"HTTP/1.1 200 ") and _is_close(json.loads(body).get("outputs"), outputs))
    return wrong


def _is_close(outputs, expected):
    return (
        isinstance(outputs, dict)
        and outputs.keys() == expected.keys()
        and all(
            np.shape(outputs[name]) == array.shape and np.allclose(outputs[name], array, atol=1e-2)
            for name, array in expected.items()
        )
    )
