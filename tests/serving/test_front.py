"""What stands in front of the server (serving/nginx.conf): run by nginx, with the local server behind it."""

import concurrent.futures
import contextlib
import gzip
import json
import shutil
import socket
import subprocess
import time
import urllib.parse

import pytest
import requests
import yaml

pytest.importorskip("tensorflow")
from serving import client  # noqa: E402
from tests import conftest  # noqa: E402
from tests.helpers import fake_pose_server, front, toy_server  # noqa: E402 - imports TensorFlow

HEADERS = {"Authorization": f"Bearer {front.KEY}"}
LIMIT_S = 20
FOLDER = conftest.ROOT / "serving"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Address of the local server, such as "127.0.0.1:40001", with metrics."""
    folder = tmp_path_factory.mktemp("exports") / "toy"
    toy_server.save(folder / "1", 2.0)
    front.skip_without_nginx()
    flags = [f"--model_base_path={folder}", f"--monitoring_config_file={FOLDER / 'monitoring.config'}"]
    with toy_server.run(*flags) as url:
        yield urllib.parse.urlsplit(url).netloc


@pytest.fixture(scope="module")
def url(server, tmp_path_factory):
    """Address of nginx in front of it."""
    with front.run(tmp_path_factory.mktemp("nginx"), server, [("rate=20r/s", "rate=1000r/s")]) as address:
        yield address


def ask(url, method, path, body=None, headers=HEADERS):
    """Returns status and parsed JSON of an answer; the path is sent as it is."""
    address = urllib.parse.urlsplit(url)
    head = f"{method} {path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
    if body is not None:
        head += f"Content-Length: {len(body)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection((address.hostname, address.port), timeout=LIMIT_S) as connection:
        connection.sendall(head.encode() + b"\r\n" + (body or b""))
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(content)


def test_the_paths_that_clients_need_reach_the_server(url):
    assert ask(url, "POST", "/v1/models/toy:predict", b'{"instances": [[1, 2]]}') == (200, {"predictions": [[2, 4]]})
    status, answer = ask(url, "POST", "/v1/models/toy/versions/1:predict", b'{"instances": [["x"]]}')
    assert status == 400
    assert "JSON Value" in answer["error"]  # the server's own message
    assert ask(url, "GET", "/v1/models/toy")[1]["model_version_status"][0]["state"] == "AVAILABLE"
    assert "metadata" in ask(url, "GET", "/v1/models/toy/versions/1/metadata")[1]
    assert ask(url, "GET", "/v1/models/none")[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/demo/",
        "/monitoring/prometheus/metrics",
        "/v1/models",
        "/v1/models/toy:classify",
        "/v1/models/toy?x=1",
        "//v1/models/toy",
        "/v1/models/toy/../../../monitoring/prometheus/metrics",
        "/monitoring/prometheus/metrics/../../../v1/models/toy",
        "/v1/models/toy/versions/9999999999999999999",
    ],
)
def test_no_other_path_does(url, path):
    status, answer = ask(url, "GET", path)
    assert status == 404
    assert "only predict, status and metadata" in answer["error"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/models/toy:predict"), ("POST", "/v1/models/toy")])
def test_a_path_has_one_method(url, method, path):
    assert ask(url, method, path, b"")[0] == 405


@pytest.mark.parametrize("key", [None, "", "Bearer", "Bearer x", f"Basic {front.KEY}", f"Bearer {front.KEY}x"])
@pytest.mark.parametrize("path", ["/v1/models/toy", "/nothing"])
def test_nobody_gets_in_without_a_key(url, key, path):
    status, answer = ask(url, "GET", path, headers={} if key is None else {"Authorization": key})
    assert status == 401
    assert "key" in answer["error"]


def test_bodies_are_limited_in_size(url):
    largest = b'{"instances": [[1, 2]]}'.ljust(8 << 20)
    assert ask(url, "POST", "/v1/models/toy:predict", largest)[0] == 200
    address = urllib.parse.urlsplit(url)
    head = f"POST /v1/models/toy:predict HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {front.KEY}\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=LIMIT_S) as connection:
        connection.sendall(head.encode() + b"Content-Length: 8388609\r\n\r\n")  # answered without waiting for the body
        answer = connection.recv(1 << 16)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'{"error": "The request body is larger than 8 MB"}' in answer


def test_the_limit_of_size_lets_deep_nesting_through(url):
    """nginx cannot look into a body: that the local server survives it is the local server's own doing."""
    body = b'{"instances": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    status, answer = ask(url, "POST", "/v1/models/toy:predict", body)
    assert status == 400
    assert answer["error"]


def test_compressed_bodies_are_refused(url):
    body = gzip.compress(b'{"instances": [[1, 2]]}')
    assert ask(url, "POST", "/v1/models/toy:predict", body, {**HEADERS, "Content-Encoding": "gzip"})[0] == 415


def test_a_client_that_asks_too_often_is_told_so_and_others_are_not(server, tmp_path):
    def status(_):
        return requests.get(f"{url}/v1/models/toy", headers=HEADERS, timeout=LIMIT_S)

    # The project's own rate, as a minute's, so that the test does not depend on the speed of the machine.
    with front.run(tmp_path, server, [("rate=20r/s", "rate=20r/m")]) as url:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(status, range(60)))
        other = ask(url, "GET", "/v1/models/toy", headers={"Authorization": f"Bearer other-{front.KEY}"})
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 429}
    assert 41 <= statuses.count(200) <= 50
    refused = answers[statuses.index(429)]
    assert refused.json() == {"error": "Too many requests: try again later"}
    assert refused.headers["Retry-After"] == "1"
    assert "Retry-After" not in answers[statuses.index(200)].headers
    assert other[0] == 200


def test_a_slow_client_is_cut_off(server, tmp_path):
    changes = [("client_body_timeout 10s", "client_body_timeout 1s")]
    with front.run(tmp_path, server, changes) as url:
        address = urllib.parse.urlsplit(url)
        head = f"POST /v1/models/toy:predict HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {front.KEY}\r\n"
        with socket.create_connection((address.hostname, address.port), timeout=LIMIT_S) as connection:
            connection.sendall(head.encode() + b"Content-Length: 100\r\n\r\n{")
            start = time.monotonic()
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1 << 16) == b""
    assert time.monotonic() - start < 10


def test_a_server_that_is_gone_is_an_error_of_the_same_form(tmp_path):
    front.skip_without_nginx()
    with front.run(tmp_path, "127.0.0.1:1") as url:
        assert ask(url, "GET", "/v1/models/toy") == (502, {"error": "The server cannot be reached: try again later"})


def test_keys_stay_in_front_and_the_client_sends_them(tmp_path):
    front.skip_without_nginx()
    fake = fake_pose_server.FakePoseServer()
    with fake_pose_server.serve(fake) as behind, front.run(tmp_path, urllib.parse.urlsplit(behind).netloc) as url:
        with client.PoseClient(url, key=front.KEY) as it:
            assert it.predict_images([b"abc"]).keypoints[0, 0, 0] == 3
        with client.PoseClient(url) as it, pytest.raises(client.RequestRefusedError, match="401.*A key is needed"):
            it.predict_images([b"abc"])
    assert len(fake.requests) == 1


def test_pages_of_other_origins_need_to_be_named(server, tmp_path):
    before = 'map $http_origin $allowed_origin {\n    default "";'
    changes = [(before, f'{before}\n    "https://a.example" $http_origin;')]
    with front.run(tmp_path, server, changes) as url:
        path = f"{url}/v1/models/toy:predict"
        named = requests.options(path, headers={"Origin": "https://a.example"}, timeout=LIMIT_S)
        other = requests.options(path, headers={"Origin": "https://b.example"}, timeout=LIMIT_S)
        refused = requests.post(path, headers={"Origin": "https://a.example"}, timeout=LIMIT_S)
    assert named.status_code == other.status_code == 204
    assert named.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert "Authorization" in named.headers["Access-Control-Allow-Headers"]
    assert not [name for name in other.headers if name.startswith("Access-Control")]
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == "https://a.example"  # so that the page can read it


def test_nginx_accepts_the_configuration(tmp_path):
    front.skip_without_nginx()
    messages = front.check_config(front.write_config(tmp_path, "127.0.0.1:1", "127.0.0.1:8080"))
    assert "warn" not in messages


def test_nginx_accepts_it_with_tls(tmp_path):
    front.skip_without_nginx()
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 1 -keyout key.pem -out cert.pem"
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True, timeout=60)
    text = (FOLDER / "nginx.tls.conf").read_text(encoding="utf-8")
    for old, new in (
        ("/run/secrets/serving_certificate;", f"{tmp_path}/cert.pem;"),
        ("/run/secrets/serving_certificate_key;", f"{tmp_path}/key.pem;"),
        ("listen 8443", "listen 127.0.0.1:8443"),
    ):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "nginx.tls.conf").write_text(text, encoding="utf-8")
    changes = [("listen 127.0.0.1:8080;", "include nginx.tls.conf;")]
    front.check_config(front.write_config(tmp_path, "127.0.0.1:1", "127.0.0.1:8080", changes))


def test_the_compose_file_matches_the_configuration():
    content = yaml.safe_load((FOLDER / "docker-compose.front.yml").read_text(encoding="utf-8"))
    service = content["services"]["front"]
    assert service["ports"] == ["${FRONT_PORT:-127.0.0.1:8080:8080}"]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["tmpfs"] == ["/tmp"]
    assert all(mount["read_only"] and (FOLDER / mount["source"]).is_file() for mount in service["volumes"])
    assert sorted(service["secrets"]) == sorted(content["secrets"])
    text = "".join((FOLDER / mount["source"]).read_text(encoding="utf-8") for mount in service["volumes"])
    named = {word.rstrip(";") for word in text.split() if word.startswith("/run/secrets/")}
    assert named == {f"/run/secrets/{name}" for name in service["secrets"]}
    assert "server serving:8501;" in text  # the other service
    assert "/tmp/nginx.pid" in text
