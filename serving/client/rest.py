"""TensorFlow Serving's REST API over `requests`: the requests, their repeats, and error messages.

If the connection failed or the server answered 429 or 503, the request is repeated after growing pauses. This is safe,
because predictions change nothing on the server. A request that exceeds the user's time limit is not repeated. Any
other status of 400 or more is final.
Source: tensorflow/serving, g3doc/api_rest.md.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import urllib.parse
from collections.abc import Mapping
from typing import Any

import numpy as np
import requests
import requests.adapters
import requests.auth
import urllib3

from serving.client import errors

_RETRIED_STATUS = (429, 503)
_MAX_CONNECT_S = 5.0


class RestTransport:
    """Talks to one model of one server.

    Args:
      url: such as "http://localhost:8501".
      model: name of the served model.
      version: version number, or None for the server's choice (the latest).
      label: version label, such as "stable", or None.
      timeout_s: longest wait in s for an answer, or for the next piece of one.
      retries: most repeats of a request.
      backoff_s: the first repeat follows at once, the second one after twice this time, each further one after twice
        the previous pause. If the server sends Retry-After, that is the pause.
      key: sent as `Authorization: Bearer <key>`, for a proxy in front of the server (serving/nginx.conf). None: no key.

    Raises:
      ValueError: if the url is not http(s), both version and label are given, or a key cannot be sent.
    """

    def __init__(
        self,
        url: str,
        model: str,
        version: int | None = None,
        label: str | None = None,
        timeout_s: float = 60.0,
        retries: int = 4,
        backoff_s: float = 0.2,
        key: str | None = None,
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"--url: expected something like http://localhost:8501, received {url!r}")
        if version is not None and label is not None:
            raise ValueError(f"expected a version or a label, received both: {version!r} and {label!r}")
        self.url = url.rstrip("/")
        self.model = model
        path = f"/v1/models/{urllib.parse.quote(model, safe='')}"
        if version is not None:
            path += f"/versions/{int(version)}"
        if label is not None:
            path += f"/labels/{urllib.parse.quote(label, safe='')}"
        self._path = path
        self._timeout_s = (min(timeout_s, _MAX_CONNECT_S), timeout_s)
        self._session = requests.Session()
        if key is not None:
            if not key or not key.isascii() or not key.isprintable() or " " in key:
                raise ValueError("key: expected ASCII characters without spaces, received others or none")
            self._session.auth = _BearerKey(key)
        # A proxy from the environment cannot reach servers on this machine.
        self._session.trust_env = not is_loopback(parts.hostname)
        adapter = requests.adapters.HTTPAdapter(max_retries=_make_retry(retries, backoff_s), pool_maxsize=32)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def predict(self, signature: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Calls a signature.

        Args:
          signature: its name.
          inputs: maps input names to arrays, or to nested lists of bytes or str.

        Returns:
          Maps output names to arrays (float32, bool, int64) or, for strings, lists. A signature with a single output
          gives {"": value}, because the REST API omits its name.

        Raises:
          ServingError: if the server does not answer, or returns an error.
        """
        body = {"signature_name": signature, "inputs": {name: _to_json(value) for name, value in inputs.items()}}
        answer = self._ask("POST", f"{self._path}:predict", json.dumps(body).encode())
        if "outputs" not in answer:
            raise errors.ServingError(f"{self.url}: expected an answer with 'outputs', received {shorten(answer)}")
        outputs = answer["outputs"]
        if not isinstance(outputs, dict):
            outputs = {"": outputs}
        try:
            return {name: _from_json(value) for name, value in outputs.items()}
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            received = f"received {shorten(outputs)}"
            raise errors.ServingError(f"{self.url}: expected outputs of regular shapes, {received}") from error

    def status(self) -> dict[str, Any]:
        """Returns the states of the versions: {"model_version_status": [{"version", "state", …}]}."""
        return self._ask("GET", self._path)

    def metadata(self) -> dict[str, Any]:
        """Returns the signatures of the model: {"model_spec", "metadata"}."""
        return self._ask("GET", f"{self._path}/metadata")

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def _ask(self, method, path, body=None) -> dict[str, Any]:
        # Send the request and read the answer.
        try:
            headers = {"Content-Type": "application/json"}
            response = self._session.request(
                method, self.url + path, data=body, headers=headers, timeout=self._timeout_s
            )
            answer = _read_json(response)
        except requests.exceptions.Timeout as error:
            message = f"{self.url}: no answer within {self._timeout_s[1]:g} s ({method} {path})"
            raise errors.ServerNotReachableError(message) from error
        except requests.exceptions.RequestException as error:
            raise errors.ServerNotReachableError(f"{self.url}: no server can be reached there ({error})") from error
        if response.ok and isinstance(answer, dict) and "error" not in answer:
            return answer
        # Choose the exception for an error.
        server_message = answer.get("error") if isinstance(answer, dict) else None
        message = f"{self.url}{path}: status {response.status_code}: {server_message or shorten(response.text)}"
        if response.status_code == 404:
            raise errors.ModelNotFoundError(message, 404)
        if response.ok:
            raise errors.ServingError(f"{message}; expected an answer from TensorFlow Serving", response.status_code)
        kind = errors.RequestRefusedError if response.status_code < 500 else errors.ServingError
        raise kind(message, response.status_code)


class _Retry(urllib3.Retry):
    """Repeats a request after a lost connection, but not after a timeout: that would multiply the time limit."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: Any = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> _Retry:
        """Returns the state of the next attempt, or raises the error if there is none."""
        if isinstance(error, urllib3.exceptions.ReadTimeoutError):
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)


class _BearerKey(requests.auth.AuthBase):
    """Adds the key; as the session's own authentication it also overrides the password in a ~/.netrc."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def _make_retry(retries, backoff_s):
    return _Retry(
        total=retries,
        backoff_factor=backoff_s,
        status_forcelist=_RETRIED_STATUS,
        allowed_methods=None,  # POST too: a prediction changes nothing
        raise_on_status=False,
        redirect=False,
    )


def is_loopback(host: str) -> bool:
    """Returns whether a host name or address means this machine, without a DNS query."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _to_json(value):
    if isinstance(value, (bytes, bytearray)):
        return {"b64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_to_json(v) for v in value]
    return value


def _from_json(value):
    array = np.asarray(value)
    if array.dtype.kind not in "fbiu":
        return value
    if array.dtype.kind != "f":
        return array
    with np.errstate(over="ignore"):
        return array.astype(np.float32)


def _read_json(response):
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def shorten(value: Any, limit: int = 300) -> str:
    """Returns a value as text, cut after `limit` characters."""
    text = str(value)
    return text if len(text) <= limit else text[:limit] + "…"
