"""TensorFlow Serving's REST API over `requests`: what is sent, when it is sent again, and what errors say.

A request is repeated, with growing pauses, where the connection failed or the server answered 429 or 503. Predictions
change nothing on the server, so repeating one is safe. An answer that takes too long is not asked for again: the
time limit is the user's. Any other status of 400 or more is final.
Source: tensorflow/serving, g3doc/api_rest.md.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import urllib.parse

import numpy as np
import requests
import requests.adapters
import urllib3

from serving.client import errors

_RETRIED_STATUS = (429, 503)
_MAX_CONNECT_S = 5.0


class RestTransport:
    """Speaks to one model of one server.

    Args:
      url: str, such as "http://localhost:8501".
      model: str, the name it is served under.
      version: int, or None for the one the server chooses (the latest).
      label: str such as "stable", or None.
      timeout_s: float, longest wait for (a further piece of) an answer.
      retries: int, how often a request is repeated at most.
      backoff_s: float; the first repeat comes at once, the second one after twice this time, each further one after
        twice the pause before it. Where the server answers with Retry-After, that is the pause.

    Raises:
      ValueError: for a url that is not http(s), or a version together with a label.
    """

    def __init__(self, url, model, version=None, label=None, timeout_s=60.0, retries=4, backoff_s=0.2):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"--url: expected something like http://localhost:8501, received {url!r}")
        if version is not None and label is not None:
            raise ValueError(f"expected a version or a label, received both: {version!r} and {label!r}")
        self.url, self.model = url.rstrip("/"), model
        path = f"/v1/models/{urllib.parse.quote(model, safe='')}"
        if version is not None:
            path += f"/versions/{int(version)}"
        if label is not None:
            path += f"/labels/{urllib.parse.quote(label, safe='')}"
        self._path = path
        self._timeout_s = (min(timeout_s, _MAX_CONNECT_S), timeout_s)
        self._session = requests.Session()
        # A proxy that the environment names cannot reach this machine's own servers.
        self._session.trust_env = not is_loopback(parts.hostname)
        adapter = requests.adapters.HTTPAdapter(max_retries=_make_retry(retries, backoff_s), pool_maxsize=32)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def predict(self, signature, inputs) -> dict:
        """Calls a signature.

        Args:
          signature: str, its name.
          inputs: dict of input name to an array, or nested lists of bytes or str.

        Returns:
          dict of output name to an array (float32, bool, int64) or, for strings, a list. A signature with a single
          output answers {"": value}: the REST API leaves its name out.

        Raises:
          ServingError: where there is no answer, or an error.
        """
        body = {"signature_name": signature, "inputs": {name: _to_json(value) for name, value in inputs.items()}}
        answer = self._ask("POST", f"{self._path}:predict", json.dumps(body).encode())
        if "outputs" not in answer:
            raise errors.ServingError(f"{self.url}: expected an answer with 'outputs', received {_short(answer)}")
        outputs = answer["outputs"]
        if not isinstance(outputs, dict):
            outputs = {"": outputs}
        return {name: _from_json(value) for name, value in outputs.items()}

    def status(self) -> dict:
        """Returns the server's answer about its versions: {"model_version_status": [{"version", "state", …}]}."""
        return self._ask("GET", self._path)

    def metadata(self) -> dict:
        """Returns the server's answer about the signatures of the model: {"model_spec", "metadata"}."""
        return self._ask("GET", f"{self._path}/metadata")

    def close(self):
        """Closes the connections."""
        self._session.close()

    def _ask(self, method, path, body=None) -> dict:
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
        said = answer.get("error") if isinstance(answer, dict) else None
        message = f"{self.url}{path}: status {response.status_code}: {said or _short(response.text)}"
        if response.status_code == 404:
            raise errors.ModelNotFoundError(message, 404)
        if response.ok:
            raise errors.ServingError(f"{message}; expected an answer of TensorFlow Serving", response.status_code)
        kind = errors.RequestRefusedError if response.status_code < 500 else errors.ServingError
        raise kind(message, response.status_code)


class _Retry(urllib3.Retry):
    """Repeats what the connection lost, not what took too long: that would multiply the time limit."""

    def increment(self, method=None, url=None, response=None, error=None, _pool=None, _stacktrace=None):
        if isinstance(error, urllib3.exceptions.ReadTimeoutError):
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)


def _make_retry(retries, backoff_s):
    return _Retry(
        total=retries,
        backoff_factor=backoff_s,
        status_forcelist=_RETRIED_STATUS,
        allowed_methods=None,  # POST too: a prediction changes nothing
        raise_on_status=False,
        redirect=False,
    )


def is_loopback(host) -> bool:
    """Whether a host (str) is this machine, told by its name or address alone."""
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
    return array.astype(np.float32) if array.dtype.kind == "f" else array


def _read_json(response):
    try:
        return json.loads(response.content)
    except ValueError:
        return None


def _short(value, limit=300):
    text = str(value)
    return text if len(text) <= limit else text[:limit] + "…"
