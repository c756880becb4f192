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
