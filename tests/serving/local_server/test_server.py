"""The server as a process, asked over HTTP. The model is tiny: it doubles numbers and measures strings."""

import concurrent.futures
import gzip
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import requests

from benchmarks.server import publishing, request_load
from serving.local_server.__main__ import main
from serving.local_server.server import choose_intra_op_threads

tf = pytest.importorskip("tensorflow")
ROOT = str(pathlib.Path(__file__).resolve().parents[3])


class Toy(tf.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = tf.Variable(factor)

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
    def scale(self, x):
        return {"y": x * self.factor}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
    def measure(self, image_bytes):
        return {"length": tf.strings.length(image_bytes), "copy_bytes": image_bytes}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="n")])
    def fussy(self, n):
        tf.debugging.assert_non_negative(n, message="n must not be negative")
        return {"root": tf.sqrt(tf.cast(n, tf.float32))}


def save(folder, factor):
    toy = Toy(factor)
    signatures = {"serving_default": toy.scale, "measure": toy.measure, "fussy": toy.fussy}
    tf.saved_model.save(toy, str(folder), signatures=signatures)


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    save(folder / "made" / "1", 2.0)
    save(folder / "made" / "2", 3.0)
    shutil.copytree(folder / "made" / "1", folder / "toy" / "1")
    return folder


def start(*flags):
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, "-m", "serving.local_server", "--rest_api_port=0", *flags]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    lines = []
    reader = threading.Thread(target=lambda: lines.append(process.stdout.readline()), daemon=True)
    reader.start()
    reader.join(90)
    if not lines or not lines[0].startswith("serving "):
        process.kill()
        process.wait(10)
        raise AssertionError(f"the server did not come up: {lines}")
    return process, lines[0].split(" at ")[1].strip()


@pytest.fixture(scope="module")
def server(exports):
    process, url = start(
        f"--model_base_path={exports / 'toy'}", "--file_system_poll_wait_seconds=0.1", "--max_request_mb=1"
    )
    try:
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(20)
        finally:
            process.kill()
        assert status == 0


def post(url, body, **keywords):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return requests.post(url, data=data, timeout=20, **keywords)


def error_of(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    return answer.json()["error"]


def test_status_and_metadata_have_the_form_of_tensorflow_serving(server):
    assert requests.get(server, timeout=20).json() == {
        "model_version_status": [
            {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
        ]
    }
    answer = requests.get(f"{server}/metadata", timeout=20).json()
    assert answer["model_spec"] == {"name": "toy", "signature_name": "", "version": "1"}
    signature = answer["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["method_name"] == "tensorflow/serving/predict"
    assert signature["inputs"]["x"]["dtype"] == "DT_FLOAT"
    assert [dim["size"] for dim in signature["inputs"]["x"]["tensor_shape"]["dim"]] == ["-1", "2"]


def test_rows_and_columns_are_answered(server):
    assert post(f"{server}:predict", {"instances": [[1, 2]]}).json() == {"predictions": [[2.0, 4.0]]}
    assert post(f"{server}/versions/1:predict", {"inputs": {"x": [[0.1, 2]]}}).json() == {"outputs": [[0.2, 4.0]]}
    body = {"signature_name": "measure", "instances": ["abc", {"b64": "AAA="}]}
    assert post(f"{server}:predict", body).json() == {
        "predictions": [
            {"copy_bytes": {"b64": "YWJj"}, "length": 3},
            {"copy_bytes": {"b64": "AAA="}, "length": 2},
        ]
    }


def test_a_zipped_body_is_read(server):
    zipped = gzip.compress(json.dumps({"instances": [[1, 2]]}).encode())
    headers = {"Content-Encoding": "gzip"}
    assert post(f"{server}:predict", zipped, headers=headers).json() == {"predictions": [[2.0, 4.0]]}
    error_of(post(f"{server}:predict", zipped[:-9], headers=headers), 400)
    error_of(post(f"{server}:predict", gzip.compress(b" " * 2_000_000), headers=headers), 413)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"signature_name": "no", "instances": [1]}, 'Serving signature name: "no" not found'),
        ({"instances": [[1, 2, 3]]}, "expected shape"),
        ({"instances": [["a", "b"]]}, "not of expected type: float"),
        ({"signature_name": "fussy", "instances": [4, -1]}, "n must not be negative"),
        (b"{", "JSON Parse error"),
    ],
)
def test_bad_requests_are_told_so(server, body, part):
    assert part in error_of(post(f"{server}:predict", body), 400)


def test_unknown_things_and_methods_are_errors(server):
    body = {"instances": [[1, 2]]}
    other = server.replace("toy", "other")
    assert error_of(post(f"{other}:predict", body), 404) == "Servable not found for request: Latest(other)"
    assert "Specific(toy, 9)" in error_of(post(f"{server}/versions/9:predict", body), 404)
    assert "label: no" in error_of(post(f"{server}/labels/no:predict", body), 400)
    assert "any versions of model other" in error_of(requests.get(other, timeout=20), 404)
    assert "Malformed request: PUT" in error_of(requests.put(server, timeout=20), 400)
    assert "Expected classify signature" in error_of(post(f"{server}:classify", {"examples": [{}]}), 400)


def test_a_body_that_is_too_large_is_refused(server):
    assert "larger than 1000000 bytes" in error_of(post(f"{server}:predict", b" " * 1_500_000), 413)


def test_there_are_no_cors_headers_unless_asked_for(server):
    headers = {"Origin": "http://elsewhere"}
    answers = [
        requests.get(server, headers=headers, timeout=20),
        post(f"{server}:predict", {"instances": [[1, 2]]}, headers=headers),
        post(f"{server}:predict", b"{", headers=headers),
        requests.options(server, headers={**headers, "Access-Control-Request-Method": "POST"}, timeout=20),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 400, 400]
    for answer in answers:
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_one_bad_request_among_many_at_once_fails_alone(server):
    values = [4, 9, -1, 16] * 8
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        bodies = [{"signature_name": "fussy", "instances": [value]} for value in values]
        answers = list(pool.map(lambda body: post(f"{server}:predict", body), bodies))
    for value, answer in zip(values, answers):
        if value < 0:
            error_of(answer, 400)
        else:
            assert answer.json() == {"predictions": [float(np.sqrt(value))]}


def test_publishing_and_rolling_back_loses_no_request(server, exports):
    def ask(session):
        answer = session.post(f"{server}:predict", data='{"instances": [[1, 1]]}', timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.text

    def wait_for(version):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            items = requests.get(server, timeout=20).json()["model_version_status"]
            if [item["version"] for item in items if item["state"] == "AVAILABLE"] == [version]:
                return
            time.sleep(0.05)
        raise AssertionError(f"version {version} never was the only one: {items}")

    with request_load.Load(ask, threads=2) as load:
        publishing.publish(exports / "made" / "2", exports / "toy", 2)
        wait_for("2")
        shutil.rmtree(exports / "toy" / "2")
        wait_for("1")
    assert load.faults == []
    assert load.seen == {'{"predictions":[[2.0,2.0]]}', '{"predictions":[[3.0,3.0]]}'}


def test_grpc_answers_like_rest(exports):
    grpc = pytest.importorskip("grpc")
    apis = pytest.importorskip("tensorflow_serving.apis")
    from tensorflow_serving.apis import (
        get_model_metadata_pb2,
        get_model_status_pb2,
        model_service_pb2_grpc,
        predict_pb2,
        prediction_service_pb2_grpc,
    )

    assert apis
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process, _ = start(f"--model_base_path={exports / 'made'}", "--model_name=toy", f"--port={port}")
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
            request = predict_pb2.PredictRequest()
            request.model_spec.name = "toy"
            request.inputs["x"].CopyFrom(tf.make_tensor_proto([[1.0, 2.0]]))
            answer = service.Predict(request, timeout=20)
            assert tf.make_ndarray(answer.outputs["y"]).tolist() == [[3.0, 6.0]]
            assert answer.model_spec.version.value == 2
            request.model_spec.version.value = 9
            with pytest.raises(grpc.RpcError) as caught:
                service.Predict(request, timeout=20)
            assert caught.value.code() == grpc.StatusCode.NOT_FOUND
            request = predict_pb2.PredictRequest()
            request.model_spec.name, request.model_spec.signature_name = "toy", "measure"
            request.inputs["image_bytes"].CopyFrom(tf.make_tensor_proto([b"abc\0"]))
            answer = service.Predict(request, timeout=20)
            assert tf.make_ndarray(answer.outputs["copy_bytes"]).tolist() == [b"abc\0"]
            request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
            request.model_spec.name = "toy"
            signatures = get_model_metadata_pb2.SignatureDefMap()
            assert service.GetModelMetadata(request, timeout=20).metadata["signature_def"].Unpack(signatures)
            assert "measure" in signatures.signature_def
            status = get_model_status_pb2.GetModelStatusRequest()
            status.model_spec.name = "toy"
            answer = model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(status, timeout=20)
            assert [(item.version, item.state) for item in answer.model_version_status] == [(2, 30)]
    finally:
        process.kill()
        process.wait(10)


@pytest.mark.parametrize(
    ("wanted", "num_cores", "threads"),
    [(0, 1, 1), (0, 2, 1), (0, 3, 0), (0, 64, 0), (2, 2, 2), (6, 64, 6)],
)
def test_an_operation_has_one_thread_where_workers_need_the_cores(wanted, num_cores, threads):
    assert choose_intra_op_threads(wanted, num_cores, {}) == threads


@pytest.mark.parametrize(("wanted", "threads"), [(0, 0), (3, 3)])
def test_threads_are_left_to_the_environment_where_it_says_how_many(wanted, threads):
    assert choose_intra_op_threads(wanted, 2, {"TF_NUM_INTRAOP_THREADS": "2"}) == threads


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        ([], "received neither"),
        (["--model_base_path=/", "--tensorflow_intra_op_parallelism=-1"], "expected at least 0"),
        (["--model_base_path=/", "--rest_api_port=65536"], "--rest_api_port: expected 0 to 65535, received 65536"),
        (["--model_base_path=/", "--port=-1"], "--port: expected 0 to 65535, received -1"),
        (["--model_base_path=/nowhere"], "/nowhere"),
        (["--model_config_file=/nowhere"], "/nowhere"),
    ],
)
def test_wrong_flags_end_the_command(flags, part, capsys):
    try:
        status = main(flags)
    except SystemExit as end:
        status = end.code
    assert status
    assert part in capsys.readouterr().err
