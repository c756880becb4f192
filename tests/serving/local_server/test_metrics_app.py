"""The server's metrics page: off without the configuration, and what it counts over REST and gRPC."""

import re
import time

import pytest
import requests

pytest.importorskip("tensorflow")
from serving.local_server import metrics_app  # noqa: E402
from tests import conftest  # noqa: E402
from tests.helpers import serving_servers, toy_server  # noqa: E402 - imports TensorFlow

PAGE = "/monitoring/prometheus/metrics"


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """Folder of the model's versions."""
    folder = tmp_path_factory.mktemp("exports") / "toy"
    toy_server.save(folder / "1", 2.0)
    return folder


def read(url):
    """Returns {name and labels: value} of the page of the server at url."""
    answer = requests.get(url.partition("/v1/")[0] + PAGE, timeout=20)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    pattern = re.compile(r"(:tensorflow:serving:\w+)\{(.*)\} (\d+)")
    rows = [pattern.fullmatch(line) for line in answer.text.splitlines() if not line.startswith("#")]
    return {row[1] + "{" + row[2] + "}": int(row[3]) for row in rows if "_bucket" not in row[1]}


def test_requests_of_both_apis_are_counted(export):
    pytest.importorskip("tensorflow_serving")
    with serving_servers.hold_port() as port:
        flags = [f"--monitoring_config_file={conftest.ROOT / 'serving' / 'monitoring.config'}", f"--port={port}"]
        with toy_server.run(f"--model_base_path={export}", *flags) as url:
            assert read(url) == {}
            for _ in range(3):
                assert toy_server.post(f"{url}:predict", {"instances": [[1, 2]]}).status_code == 200
            toy_server.post(f"{url}:predict", {"instances": [["x"]]})
            toy_server.post(f"{url.replace('/toy', '/none')}:predict", {"instances": [[1, 2]]})
            assert requests.get(url, timeout=20).status_code == 200
            requests.get(url.partition("/v1/")[0] + "/demo/", timeout=20)
            found = read(url)
            _call_grpc(port)
            with_grpc = read(url)
            deadline = time.monotonic() + 20
            while sum(_counts(with_grpc)) < 8 and time.monotonic() < deadline:  # an error is sent before it is counted
                time.sleep(0.05)
                with_grpc = read(url)
    count = ":tensorflow:serving:request_count"
    latency = ":tensorflow:serving:request_latency_count"
    runtime = ":tensorflow:serving:runtime_latency_count"
    counts = {name: value for name, value in found.items() if not name.partition("{")[0].endswith("_sum")}
    assert counts == {
        count + '{model_name="toy",status="OK"}': 4,
        count + '{model_name="toy",status="INVALID_ARGUMENT"}': 1,
        count + '{model_name="none",status="NOT_FOUND"}': 1,
        latency + '{model_name="toy",API="predict",entrypoint="REST"}': 3,
        latency + '{model_name="toy",API="",entrypoint="REST"}': 1,
        runtime + '{model_name="toy",API="Predict",runtime="TF1"}': 3,
    }
    # A call of the model is a part of its request.
    request_us = found[':tensorflow:serving:request_latency_sum{model_name="toy",API="predict",entrypoint="REST"}']
    run_us = found[':tensorflow:serving:runtime_latency_sum{model_name="toy",API="Predict",runtime="TF1"}']
    assert 0 < run_us < request_us < 60e6
    assert with_grpc[latency + '{model_name="toy",API="Predict",entrypoint="GRPC"}'] == 1
    assert with_grpc[count + '{model_name="toy",status="OK"}'] == 5
    assert with_grpc[count + '{model_name="none",status="NOT_FOUND"}'] == 2
    assert with_grpc[runtime + '{model_name="toy",API="Predict",runtime="TF1"}'] == 4


def _counts(page):
    return [value for name, value in page.items() if "request_count" in name]


def _call_grpc(port):
    """Predicts with the model, then with one that is not there."""
    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        request = predict_pb2.PredictRequest()
        request.model_spec.name = "toy"
        request.inputs["x"].CopyFrom(tf.make_tensor_proto([[1.0, 2.0]]))
        assert tf.make_ndarray(stub.Predict(request, timeout=20).outputs["y"]).tolist() == [[2, 4]]
        request.model_spec.name = "none"
        with pytest.raises(grpc.RpcError):
            stub.Predict(request, timeout=20)


def test_without_the_configuration_there_is_no_page(export):
    with toy_server.run(f"--model_base_path={export}") as url:
        assert requests.get(url.partition("/v1/")[0] + PAGE, timeout=20).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", b"/v1/models/a%20b/versions/3:predict", ("a b", "predict")),
        ("POST", b"/v1/models/a:classify", ("a", "classify")),
        ("GET", b"/v1/models/a/metadata", ("a", "")),
        ("GET", b"/v1/models/a", ("a", "")),
        ("GET", b"/v1/nothing", ("", "")),
    ],
)
def test_the_path_names_model_and_action(method, path, expected):
    scope = {"type": "http", "method": method, "path": path.decode(), "raw_path": path}
    assert metrics_app._read_path(scope) == expected


def test_statuses_have_one_code_each():
    assert metrics_app._CODES[404] == "NOT_FOUND"
    assert metrics_app._CODES[400] == "INVALID_ARGUMENT"
    assert metrics_app._CODES[504] == "DEADLINE_EXCEEDED"
