"""The REST transport: paths, repeated requests, errors."""

import numpy as np
import pytest

from serving import client
from serving.client import rest
from tests.helpers import serving_servers


@pytest.fixture
def free_port():
    with serving_servers.hold_port() as port:  # nothing listens on it, so connections are refused
        yield port


@pytest.mark.parametrize(
    ("which", "path"),
    [
        ({}, "/v1/models/a%20b"),
        ({"version": 7}, "/v1/models/a%20b/versions/7"),
        ({"label": "a/b"}, "/v1/models/a%20b/labels/a%2Fb"),
    ],
)
def test_version_and_label_choose_the_path(url, fake, which, path):
    with client.PoseClient(url + "/", "a b", **which) as it:
        it.status()
        it.predict_images([b"x"])
        it.metadata()
    assert [request[1] for request in fake.requests] == [path, path + ":predict", path + "/metadata"]


def test_inputs_become_json_and_outputs_arrays(url, fake):
    fake.answers = [(200, {"outputs": {"a": [1.5, 2], "b": [True], "c": [7], "d": ["text"]}})]
    inputs = {"x": np.array([[1, 2]], np.uint8), "y": [[b"\xff", "text"]]}
    outputs = rest.RestTransport(url, "pose").predict("name", inputs)
    assert fake.requests[0][2] == {
        "signature_name": "name",
        "inputs": {"x": [[1, 2]], "y": [[{"b64": "/w=="}, "text"]]},
    }
    assert {name: np.asarray(value).dtype for name, value in outputs.items() if name != "d"} == {
        "a": np.float32,
        "b": bool,
        "c": np.int64,
    }
    assert outputs["d"] == ["text"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_request_to_a_busy_server_is_repeated(poses_client, fake, status):
    fake.answers = [(status, {"error": "busy"})] * 2
    assert poses_client.predict_images([b"abc"]).keypoints[0, 0, 0] == 3
    assert len(fake.requests) == 3


def test_a_request_is_repeated_after_a_lost_connection(poses_client, fake):
    fake.hang_ups = 2
    assert poses_client.predict_images([b"abc"]).keypoints[0, 0, 0] == 3
    assert len(fake.requests) == 3


def test_the_first_repeat_is_immediate_and_later_pauses_double(url, fake):
    fake.answers = [(503, {"error": "still loading"})] * 4
    with serving_servers.record_pauses() as pauses_s:
        rest.RestTransport(url, "pose", backoff_s=0.01).status()
    assert len(fake.requests) == 5
    assert pauses_s == pytest.approx([0.02, 0.04, 0.08])


def test_the_error_of_a_server_that_stays_busy_has_its_message(url, fake):
    transport = rest.RestTransport(url, "pose", retries=2, backoff_s=0.01)
    fake.answers = [(503, {"error": "still loading"})] * 10
    with pytest.raises(client.ServingError, match="status 503: still loading"):
        transport.status()
    assert len(fake.requests) == 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, client.RequestRefusedError),
        (404, client.ModelNotFoundError),
        (413, client.RequestRefusedError),
        (500, client.ServingError),
    ],
)
def test_other_errors_are_not_repeated_and_have_the_servers_message(poses_client, fake, status, kind):
    fake.answers = [(status, {"error": "Servable not found"})]
    with pytest.raises(kind, match="Servable not found") as caught:
        poses_client.predict_images([b"abc"])
    assert caught.value.status == status
    assert len(fake.requests) == 1


@pytest.mark.parametrize("answer", [b"<html>hello", b"[]", b"", {"predictions": []}, {"outputs": {"keypoints": []}}])
def test_an_answer_from_another_kind_of_server_is_an_error(poses_client, fake, answer):
    fake.answers = [(200, answer)]
    with pytest.raises(client.ServingError, match="expected"):
        poses_client.predict_images([b"abc"])


def poses_answer(**outputs):
    """The outputs of a pose model for one image of two joints, some of them replaced."""
    return {"keypoints": [[[1, 2], [3, 4]]], "scores": [[0.5, 1]], "valid": [[True, False]], **outputs}


@pytest.mark.parametrize(
    "outputs",
    [
        poses_answer(keypoints=[[[1, 2], [3]]]),
        poses_answer(keypoints=[[[1, 2], None]]),
        poses_answer(keypoints=[["a", "b"]]),
        poses_answer(keypoints=None),
        poses_answer(keypoints=[[0.5, 1]], scores=[[[1, 2], [3, 4]]]),
        poses_answer(keypoints=[[[1, 2, 3], [3, 4, 5]]]),
        poses_answer(scores=[["", 1]]),
        poses_answer(scores=[[{}, 1]]),
        poses_answer(scores=[[0.5, 10**400]]),
        poses_answer(scores=[[0.5, 1, 1]]),
        poses_answer(scores=[0.5]),
        poses_answer(scores="text"),
        poses_answer(scores=[[True, False]]),
        poses_answer(keypoints=[[[1e308, 1], [3, 4]]]),
        poses_answer(keypoints=[[[1, 2], [float("nan"), 4]]]),
        poses_answer(scores=[[float("inf"), 1]]),
        poses_answer(valid=[[True]]),
        poses_answer(valid=[[0.5, 1.0]]),
        poses_answer(valid=[["true", "false"]]),
        poses_answer(valid={"a": 1}),
        [[1, 2], [3]],
        1e308,
        b'{"outputs": ' + b"[" * 100_000,
        b'{"outputs": ' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"outputs": ' + b"9" * 5000 + b"}",
    ],
)
@pytest.mark.filterwarnings("error")
def test_outputs_that_are_no_poses_are_an_error(poses_client, fake, outputs):
    fake.answers = [(200, outputs if isinstance(outputs, bytes) else {"outputs": outputs})]
    with pytest.raises(client.ServingError, match="expected"):
        poses_client.predict_images([b"abc"])


def test_a_request_over_the_time_limit_is_not_repeated(url, fake):
    fake.pause_s = 2.0
    with client.PoseClient(url, timeout_s=0.3) as it:
        with pytest.raises(client.ServerNotReachableError, match="no answer within 0.3 s"):
            it.status()
        assert len(fake.requests) == 1


def test_the_error_if_no_server_answers(free_port):
    transport = rest.RestTransport(f"http://127.0.0.1:{free_port}", "pose", retries=1, backoff_s=0.01)
    with pytest.raises(client.ServerNotReachableError, match="no server can be reached"):
        transport.status()


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.9", True), ("::1", True), ("10.0.0.1", False), ("localhost.example", False)],
)
def test_loopback_hosts_are_recognised_by_name_or_address(host, expected):
    assert rest.is_loopback(host) is expected


def test_a_key_goes_along_with_every_request(url, fake):
    with client.PoseClient(url, key="s3cret") as it:
        it.status()
        it.predict_images([b"x"])
    assert [headers["Authorization"] for headers in fake.headers] == ["Bearer s3cret"] * 2


def test_without_a_key_none_is_sent(poses_client, fake):
    poses_client.status()
    assert "Authorization" not in fake.headers[0]


@pytest.mark.parametrize("key", ["", "two words", "line\n", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_an_error_that_does_not_show_it(key):
    with pytest.raises(ValueError, match="key: expected ASCII characters") as caught:
        client.PoseClient("http://localhost:1", key=key)
    assert not key or key not in str(caught.value)
