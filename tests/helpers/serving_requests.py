"""Requests to a server with an export of this project, and what their answers must look like."""

from __future__ import annotations

import base64
import json

import pytest

from tests.helpers import serving_export

JPEG = serving_export.encode(".jpg", 40, 64)
PNG = serving_export.encode(".png", 48, 30, seed=1)


def b64(data):
    """Returns bytes as a value of a request."""
    return {"b64": base64.b64encode(data).decode()}


def column(server, inputs, signature=None):
    """Sends a request by columns; returns the outputs."""
    body = {"inputs": inputs} if signature is None else {"signature_name": signature, "inputs": inputs}
    response = server.predict(body)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].startswith("application/json")
    (answer,) = json.loads(response.text, parse_constant=lambda name: pytest.fail(f"{name} in an answer")).values()
    return answer


def rows(server, instances, signature=None):
    """Sends a request by rows; returns the predictions."""
    body = {"instances": instances} if signature is None else {"signature_name": signature, "instances": instances}
    response = server.predict(body)
    assert response.status_code == 200, response.text
    return response.json()["predictions"]


def assert_error(response, status, message=""):
    """Checks the status and the form of an error, and that its message contains a text."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"].startswith("application/json")
    answer = response.json()
    assert set(answer) == {"error"}
    assert message in answer["error"]
