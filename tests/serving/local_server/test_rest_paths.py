"""Paths of the REST API."""

import pytest

from serving.local_server.errors import ServingError
from serving.local_server.rest_paths import ModelChoice, parse_path


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/models/pose", (ModelChoice("pose"), "status")),
        ("GET", "/V1/models/pose/versions/12/metadata", (ModelChoice("pose", 12), "metadata")),
        ("POST", "/v1/models/a%20b:predict", (ModelChoice("a b"), "predict")),
        ("POST", "/v1/models/pose/labels/s%2Ft:classify", (ModelChoice("pose", None, "s/t"), "classify")),
    ],
)
def test_paths_are_parsed(method, path, expected):
    assert parse_path(method, path) == expected


@pytest.mark.parametrize(
    ("method", "path", "part"),
    [
        ("GET", "/v1/models", "Missing model name"),
        ("GET", "/v1/models/pose:predict", "Malformed request: GET /v1/models/pose:predict"),
        ("POST", "/v1/models/pose", "Malformed request"),
        ("PUT", "/v1/models/pose", "Malformed request: PUT"),
        ("POST", "/v1/models/pose/versions/x:predict", "Malformed request"),
        ("GET", "/v1/models/pose/versions/9999999999999999999", "to numeric"),
        ("GET", "/v1/models/%ff", "Failed to decode"),
    ],
)
def test_malformed_paths_are_bad_requests(method, path, part):
    with pytest.raises(ServingError) as caught:
        parse_path(method, path)
    assert caught.value.http_status == 400
    assert part in caught.value.message


def test_a_choice_is_written_as_in_tensorflow_serving():
    assert str(ModelChoice("pose")) == "Latest(pose)"
    assert str(ModelChoice("pose", 3)) == "Specific(pose, 3)"
