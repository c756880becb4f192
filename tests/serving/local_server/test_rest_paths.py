"""Paths of the REST API."""

import pytest

from serving.local_server.errors import ServingError
from serving.local_server.rest_paths import ModelChoice, VersionOverflowError, parse_path


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/models/pose", (ModelChoice("pose"), "status")),
        ("GET", "/V1/models/pose/versions/12/metadata", (ModelChoice("pose", 12), "metadata")),
        ("GET", "/v1/models/pose/METADATA", (ModelChoice("pose"), "status")),
        ("GET", "/v1/models/pose?x=1", (ModelChoice("pose?x=1"), "status")),
        ("GET", "/v1/models/%ff", (ModelChoice("\udcff"), "status")),
        ("GET", f"/v1/models/pose/versions/{'0' * 5000}7", (ModelChoice("pose", 7), "status")),
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
        ("POST", "/v1/models/pose:PREDICT", "Malformed request: POST /v1/models/pose:PREDICT"),
        ("POST", "/v1/models/pose:predict?x=1", "Malformed request"),
    ],
)
def test_malformed_paths_are_bad_requests(method, path, part):
    with pytest.raises(ServingError) as caught:
        parse_path(method, path)
    assert caught.value.http_status == 400
    assert part in caught.value.message


@pytest.mark.parametrize("version", [str(2**63), "10000000000000000000", "9" * 6000], ids=len)
def test_versions_beyond_an_int64_have_an_error_of_their_own(version):
    with pytest.raises(VersionOverflowError, match="to numeric"):
        parse_path("GET", f"/v1/models/pose/versions/{version}")
    assert parse_path("GET", f"/v1/models/pose/versions/{2**63 - 1}")[0].version == 2**63 - 1


def test_a_choice_is_written_as_in_tensorflow_serving():
    assert str(ModelChoice("pose")) == "Latest(pose)"
    assert str(ModelChoice("pose", 3)) == "Specific(pose, 3)"
