"""The HTTP application: requests to a running server with a tiny model, and direct calls."""

import asyncio
import concurrent.futures
import gzip
import json

import numpy as np
import pytest
import requests

pytest.importorskip("tensorflow")
from serving.local_server.app import RestSettings, build_app  # noqa: E402
from serving.local_server.batching import Batcher  # noqa: E402
from serving.local_server.manager import ModelManager  # noqa: E402
from serving.local_server.model_config import ModelConfig  # noqa: E402
from tests.helpers import toy_server  # noqa: E402 - imports TensorFlow


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """URL of the model `toy` at a running server."""
    folder = tmp_path_factory.mktemp("exports") / "toy"
    toy_server.save(folder / "1", 2.0)
    with toy_server.run(f"--model_base_path={folder}", "--max_request_mb=1", "--rest_api_timeout_in_ms=4000") as url:
        yield url


NOT_FOUND = b"<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD><BODY><H1>Not Found</H1></BODY></HTML>\n"


def call(app, method, path, body=b"", headers=()):
    """Sends one request to an ASGI application; returns status, headers (dict) and body."""
    sent = []

    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return messages.pop(0) if messages else await asyncio.Event().wait()  # the client stays connected

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.partition("?")[0].encode(),
        "root_path": "",
        "query_string": path.partition("?")[2].encode(),
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    asyncio.run(app(scope, receive, send))
    start, *rest = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(message.get("body", b"") for message in rest)


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
    assert toy_server.post(f"{server}:predict", {"instances": [[1, 2]]}).json() == {"predictions": [[2.0, 4.0]]}
    assert toy_server.post(f"{server}/versions/1:predict", {"inputs": {"x": [[0.1, 2]]}}).json() == {
        "outputs": [[0.2, 4.0]]
    }
    body = {"signature_name": "measure", "instances": ["abc", {"b64": "AAA="}]}
    assert toy_server.post(f"{server}:predict", body).json() == {
        "predictions": [
            {"copy_bytes": {"b64": "YWJj"}, "length": 3},
            {"copy_bytes": {"b64": "AAA="}, "length": 2},
        ]
    }


def test_a_gzip_body_is_read(server):
    zipped = gzip.compress(json.dumps({"instances": [[1, 2]]}).encode())
    headers = {"Content-Encoding": "gzip"}
    assert toy_server.post(f"{server}:predict", zipped, headers=headers).json() == {"predictions": [[2.0, 4.0]]}
    for odd in ("x-gzip", "gzip, identity"):
        answer = toy_server.post(f"{server}:predict", zipped, headers={"Content-Encoding": odd})
        assert answer.json() == {"predictions": [[2.0, 4.0]]}
    for broken in (zipped[:-9], zipped + b"more", b"{}"):
        message = toy_server.error_of(toy_server.post(f"{server}:predict", broken, headers=headers), 400)
        assert message == "JSON Parse error: The document is empty"
    other = {"Content-Encoding": "GZIP"}
    assert "Invalid value" in toy_server.error_of(toy_server.post(f"{server}:predict", zipped, headers=other), 400)
    toy_server.error_of(toy_server.post(f"{server}:predict", gzip.compress(b" " * 2_000_000), headers=headers), 413)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"signature_name": "no", "instances": [1]}, 'Serving signature name: "no" not found'),
        ({"signature_name": "clock", "instances": [1]}, "Failed to get input map for signature: clock"),
        ({"signature_name": "clock", "inputs": {}}, "Failed to get input map for signature: clock"),
        ({"instances": [["a", "b"]]}, "not of expected type: float"),
        ({"signature_name": "fussy", "instances": [4, -1]}, "n must not be negative"),
        (b"{", "JSON Parse error"),
    ],
)
def test_bad_requests_are_errors(server, body, part):
    assert part in toy_server.error_of(toy_server.post(f"{server}:predict", body), 400)


def test_unknown_things_and_methods_are_errors(server):
    body = {"instances": [[1, 2]]}
    other = server.replace("toy", "other")
    assert (
        toy_server.error_of(toy_server.post(f"{other}:predict", body), 404)
        == "Servable not found for request: Latest(other)"
    )
    assert "Specific(toy, 9)" in toy_server.error_of(toy_server.post(f"{server}/versions/9:predict", body), 404)
    assert "label: no" in toy_server.error_of(toy_server.post(f"{server}/labels/no:predict", body), 400)
    assert "any versions of model other" in toy_server.error_of(requests.get(other, timeout=20), 404)
    assert "Malformed request: PUT" in toy_server.error_of(requests.put(server, timeout=20), 400)
    assert "No classification inputs found in SignatureDef" in toy_server.error_of(
        toy_server.post(f"{server}:classify", {"examples": [{}]}), 400
    )
    assert "Example must be JSON object" in toy_server.error_of(
        toy_server.post(f"{server}:regress", {"examples": [1]}), 400
    )


def test_the_graph_decides_which_shapes_it_takes(server):
    assert toy_server.post(f"{server}:predict", {"instances": [[1, 2, 3]]}).json() == {"predictions": [[2, 4, 6]]}
    assert toy_server.post(f"{server}:predict", {"inputs": 3}).json() == {"outputs": 6.0}
    body = {"signature_name": "measure", "inputs": "abc"}
    assert toy_server.post(f"{server}:predict", body).json() == {
        "outputs": {"copy_bytes": {"b64": "YWJj"}, "length": 3}
    }


def test_a_string_alone_is_an_output(server):
    assert toy_server.post(f"{server}:predict", {"signature_name": "name", "inputs": [1]}).json() == {"outputs": "toy"}


def test_a_run_that_takes_too_long_ends_with_504(server):
    body = {"signature_name": "sleep", "inputs": 6.0}
    assert toy_server.error_of(toy_server.post(f"{server}:predict", body), 504) == "Timed out waiting for notification"


def test_a_body_that_is_too_large_is_refused(server):
    assert "larger than 1000000 bytes" in toy_server.error_of(
        toy_server.post(f"{server}:predict", b" " * 1_500_000), 413
    )


def test_there_are_no_cors_headers_by_default(server):
    headers = {"Origin": "http://elsewhere"}
    answers = [
        requests.get(server, headers=headers, timeout=20),
        toy_server.post(f"{server}:predict", {"instances": [[1, 2]]}, headers=headers),
        toy_server.post(f"{server}:predict", b"{", headers=headers),
        requests.options(server, headers={**headers, "Access-Control-Request-Method": "POST"}, timeout=20),
        requests.options(server, headers={"Origin": "null"}, timeout=20),
        requests.options(server, timeout=20),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 400, 200, 400, 400]
    assert [answer.text for answer in answers[3:]] == [""] * 3
    for answer in answers:
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_bad_request_fails_alone_among_simultaneous_ones(server):
    values = [4, 9, -1, 16] * 8
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        bodies = [{"signature_name": "fussy", "instances": [value]} for value in values]
        answers = list(pool.map(lambda body: toy_server.post(f"{server}:predict", body), bodies))
    for value, answer in zip(values, answers):
        if value < 0:
            toy_server.error_of(answer, 400)
        else:
            assert answer.json() == {"predictions": [float(np.sqrt(value))]}


@pytest.mark.parametrize("has_page", [True, False])
def test_the_root_leads_to_the_page_if_there_is_one(tmp_path, has_page):
    folder = tmp_path / "page"
    if has_page:
        folder.mkdir()
        (folder / "index.html").write_text("the page")
    batcher = Batcher()
    app = build_app(ModelManager({}), batcher, RestSettings(1000), str(folder))
    status, headers, _ = call(app, "GET", "/")
    assert status == (307 if has_page else 404)
    assert headers.get("location") == ("/demo/" if has_page else None)
    assert call(app, "GET", "/demo/")[::2] == ((200, b"the page") if has_page else (404, NOT_FOUND))
    batcher.close()


def test_the_page_can_ask_for_the_models(tmp_path):
    (tmp_path / "index.html").write_text("the page")
    batcher = Batcher()
    configs = {name: ModelConfig(name, str(tmp_path / name)) for name in ("pose", "upper_body")}
    app = build_app(ModelManager(configs), batcher, RestSettings(1000), str(tmp_path))
    status, _, body = call(app, "GET", "/demo/models.json")
    assert (status, json.loads(body)) == (200, {"models": ["pose", "upper_body"]})
    batcher.close()


def test_cors_headers_allow_other_origins_on_request():
    batcher = Batcher()
    app = build_app(ModelManager({}), batcher, RestSettings(1000, enable_cors=True))
    for method, path, expected in (("OPTIONS", "/v1/models/toy:predict", 200), ("GET", "/v1/models/toy", 404)):
        status, headers, _ = call(app, method, path, headers=[(b"origin", b"https://elsewhere")])
        assert status == expected
        assert headers["access-control-allow-origin"] == "*"
    batcher.close()


def test_paths_ignore_case_and_every_error_is_json():
    batcher = Batcher()
    app = build_app(ModelManager({}), batcher, RestSettings(1000))
    for path in ("/v1/models/toy", "/V1/models/toy"):
        status, headers, body = call(app, "GET", path)
        assert status == 404
        assert headers["content-type"] == "application/json"
        assert json.loads(body) == {"error": "Could not find any versions of model toy"}
    batcher.close()


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/v1/models/toy?x=1", 404, {"error": "Could not find any versions of model toy?x=1"}),
        ("POST", "/v1/models/toy:predict?x=1", 400, {"error": "Malformed request: POST /v1/models/toy:predict?x=1"}),
        ("POST", "/v1/MODELS/toy:PREDICT", 400, {"error": "Malformed request: POST /v1/MODELS/toy:PREDICT"}),
        ("GET", "/v1/models/%ff", 404, {"error": "Could not find any versions of model \ufffd"}),
        ("GET", "/v1/models/toy/labels/x", 404, {"error": "Could not find any versions of model toy"}),
        ("GET", f"/v1/models/toy/versions/{10**19}", 400, b""),
        (
            "GET",
            "/v1/models/%zz",
            400,
            NOT_FOUND.replace(b"404 Not Found", b"400 Bad Request").replace(b"Not Found", b"Bad Request"),
        ),
        ("POST", "/other", 404, NOT_FOUND),
        ("GET", "/v1", 404, NOT_FOUND),
    ],
)
def test_paths_are_read_as_tensorflow_serving_reads_them(method, path, status, body):
    batcher = Batcher()
    found, _, text = call(build_app(ModelManager({}), batcher, RestSettings()), method, path)
    assert (found, text if isinstance(body, bytes) else json.loads(text)) == (status, body)
    batcher.close()


def test_strict_errors_hold_the_whole_value():
    value = "x" * 100_000
    batcher = Batcher()
    body = json.dumps({"signature_name": 1, "inputs": value}).encode()
    answers = {}
    for strict in (False, True):
        app = build_app(ModelManager({}), batcher, RestSettings(strict=strict))
        status, _, answers[strict] = call(app, "POST", "/v1/models/toy:predict", body)
        assert status == 400
    assert len(answers[False]) < 500
    assert len(answers[True]) > 100_000
    assert value in json.loads(answers[True])["error"]
    batcher.close()


def test_strict_paths_have_no_page(tmp_path):
    (tmp_path / "index.html").write_text("the page")
    batcher = Batcher()
    app = build_app(ModelManager({}), batcher, RestSettings(strict=True), str(tmp_path))
    assert [call(app, "GET", path)[0] for path in ("/", "/demo/", "/demo/models.json")] == [404] * 3
    batcher.close()
