"""The contract for HTTP: paths, methods, compression and the layout of answers, as observed with 2.15.1."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import urllib.parse

import pytest

pytest.importorskip("tensorflow")
from tests.helpers.serving_requests import assert_error  # noqa: E402 - imports TensorFlow

pytestmark = pytest.mark.timeout(300)
BODY = json.dumps({"signature_name": "describe", "instances": ["nothing"]}).encode()
ZIPPED = gzip.compress(BODY, mtime=0)  # without the time: names of tests are made of it, in several processes


def get_raw(server, path):
    """Sends a path as it is, which `requests` would mend; returns status, type and body of the answer."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read()


@pytest.mark.parametrize("which", ["", "/versions/1", "/labels/stable", "/labels/nope", "/METADATA"])
def test_a_label_or_a_verb_in_capitals_does_not_matter_to_the_status(server, which):
    server.skip_without_files()
    plain = server.ask("GET", f"/v1/models/{server.model}").json()
    assert server.ask("GET", f"/v1/models/{server.model}{which}").json() == plain


@pytest.mark.parametrize(("method", "verb"), [("GET", ""), ("GET", "/metadata"), ("POST", ":predict")])
def test_a_version_beyond_an_int64_has_an_empty_answer(server, method, verb):
    body = BODY if method == "POST" else None
    response = server.ask(method, f"/v1/models/{server.model}/versions/99999999999999999999{verb}", body)
    assert response.status_code == 400
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.content == b""


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("POST", "/v1/models/{model}:predict?x=1", 400, "Malformed request: POST /v1/models/{model}:predict?x=1"),
        ("GET", "/v1/models/{model}?x=1", 404, "Could not find any versions of model {model}?x=1"),
        ("POST", "/v1/MODELS/{model}:PREDICT", 400, "Malformed request: POST /v1/MODELS/{model}:PREDICT"),
        ("GET", "/v1/models/%ff", 404, "Could not find any versions of model"),
    ],
)
def test_a_query_belongs_to_the_path_and_verbs_are_in_small_letters(server, method, path, status, message):
    response = server.ask(method, path.format(model=server.model), BODY if method == "POST" else None)
    assert response.status_code == status
    assert message.format(model=server.model) in response.content.decode("utf-8", "replace")


def test_paths_ignore_case(server):
    assert server.ask("POST", f"/V1/MODELS/{server.model}:predict", BODY).json() == {"predictions": [""]}


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/models/%zz", 400), ("/other", 404), ("/v1", 404), ("/v2/models", 404)]
)
def test_other_paths_have_html(server, path, status):
    found, content_type, body = get_raw(server, path)
    assert found == status
    assert content_type.startswith("text/html")
    if status == 404:
        assert b"<H1>Not Found</H1>" in body


def test_a_fragment_belongs_to_the_path_of_the_real_server(server):
    status, _, body = get_raw(server, f"/v1/models/{server.model}#part")
    assert status == (404 if server.is_real else 200)
    assert (f"model {server.model}#part".encode() in body) == server.is_real


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://elsewhere", 200), ("https://elsewhere:8080", 200), ("null", 400), (None, 400)],
)
def test_options_are_answered_by_the_origin(server, origin, status):
    path = f"/v1/models/{server.model}:predict"
    response = server.ask("OPTIONS", path, headers={"Origin": origin} if origin else None)
    assert (response.status_code, response.content) == (status, b"")


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "gzip, identity"])
def test_a_zipped_body_is_read(server, encoding):
    path = f"/v1/models/{server.model}:predict"
    response = server.ask("POST", path, gzip.compress(BODY), headers={"Content-Encoding": encoding})
    assert response.json() == {"predictions": [""]}
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    ("body", "encoding", "message"),
    [
        (ZIPPED[:-9], "gzip", "The document is empty"),
        (ZIPPED + b"more", "gzip", "The document is empty"),
        (BODY, "gzip", "The document is empty"),
        (ZIPPED, "GZIP", "JSON Parse error"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_an_empty_one(server, body, encoding, message):
    path = f"/v1/models/{server.model}:predict"
    assert_error(server.ask("POST", path, body, headers={"Content-Encoding": encoding}), 400, message)


def test_answers_hold_the_same_and_are_indented_by_the_real_server(server):
    text = server.predict(BODY).text
    assert json.loads(text) == {"predictions": [""]}
    assert text == ('{\n    "predictions": [""\n    ]\n}' if server.is_real else '{"predictions":[""]}')
    text = server.predict({"signature_name": "describe", "inputs": ["nothing"]}).text
    assert text == ('{\n    "outputs": [\n        ""\n    ]\n}' if server.is_real else '{"outputs":[""]}')


def test_the_real_server_repeats_the_body_in_errors(server):
    response = server.predict({"signature_name": 1, "inputs": ["x" * 100_000]})
    assert_error(response, 400, "'signature_name' key must be a string value")
    is_whole = server.is_real and server.release < (2, 18)
    assert len(response.content) > 100_000 if is_whole else len(response.content) < 1000


@pytest.mark.parametrize("path", ["/", "/demo/"])
def test_only_the_local_server_has_a_page(server, path):
    assert server.ask("GET", path).status_code == (404 if server.is_real else 200)
