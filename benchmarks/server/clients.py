"""Concurrent clients that cost almost nothing, so that the server is measured even if it shares the cores with them.

One thread serves all connections. Each client keeps a connection of its own, and sends its next request when the whole
answer to the last one has arrived. While the clock runs, an answer is only read from the socket, with its length;
`count_wrong` checks all answers afterwards.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import numpy as np

LIMIT_S = 60
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


def run(url: str, bodies: Sequence[bytes], count: int, durations_s: list[float] | None = None) -> list[list[bytes]]:
    """Starts one client per body, all at once; each sends its body `count` times.

    Args:
      url: address of the server.
      bodies: bodies of the requests.
      count: requests of each client.
      durations_s: receives the time in s from each request to its whole answer, in the order of the answers.

    Returns:
      The answers of each client as they arrived, with their headers.

    Raises:
      OSError: if a connection ends, or nothing arrives for LIMIT_S.
      ValueError: if an answer does not state its length, or is longer.
    """
    selector = selectors.DefaultSelector()
    clients: list[_Client] = []
    try:
        for body in bodies:
            clients.append(_Client(url, body, count, durations_s))
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
    def __init__(self, url, body, count, durations_s):
        address = urlsplit(url)
        head = f"POST /v1/models/pose:predict HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._request = head.encode("ascii") + body
        self._to_send = count
        self._durations_s = durations_s
        self._sent_s = 0.0
        self._received = b""
        self._length = None
        self.answers = []
        self.socket = socket.create_connection((address.hostname, address.port), timeout=LIMIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self):
        self._to_send -= 1
        self._sent_s = time.perf_counter()
        self.socket.sendall(self._request)

    def read(self):
        """Reads what has arrived and sends the next request after a whole answer; returns whether more is expected."""
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
                raise ValueError(f"expected an answer that states its length, received {self._received[:end]!r}")
            self._length = end + 4 + int(found[1])
        if len(self._received) < self._length:
            return True
        if len(self._received) > self._length:
            raise ValueError(f"expected an answer of {self._length} bytes, received {len(self._received)}")
        self.answers.append(self._received)
        if self._durations_s is not None:
            self._durations_s.append(time.perf_counter() - self._sent_s)
        self._received = b""
        self._length = None
        if not self._to_send:
            return False
        self.send()
        return True


def count_wrong(answers: Sequence[Sequence[bytes]], expected: Sequence[Mapping[str, np.ndarray]]) -> int:
    """Counts the answers that are not 200 with the joints of the client's image.

    Args:
      answers: the answers of each client, as `run` returns them.
      expected: for each client the outputs of a direct call, arrays [1, …] by name.
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
