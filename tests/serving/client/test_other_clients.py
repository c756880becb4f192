"""The clients in JavaScript (run by Node) and with curl: the same joints as the client in Python, and its errors."""

import json
import os
import re
import shutil
import subprocess

import cv2
import numpy as np
import pytest
from PIL import Image

from tests import conftest

FOLDER = conftest.ROOT / "serving" / "client"
LIMIT_S = 60
OLDEST_NODE = 18
SCRIPT = """
import { readFileSync } from "node:fs";
import { PoseClient } from "%s";
const [url, model, version, key, ...files] = process.argv.slice(2);
const client = new PoseClient(url, model, version, key);
try {
  const images = files.map((file, i) => (i %% 2 ? new Blob([readFileSync(file)]) : readFileSync(file)));
  const poses = await client.predictImages(images);
  console.log(JSON.stringify({ poses, joints: (await client.skeleton()).joints, status: await client.status() }));
} catch (error) {
  const { kind, status, message } = error;
  console.log(JSON.stringify({ name: error.constructor.name, kind, status, message }));
}
"""


@pytest.fixture
def pictures(tmp_path):
    """Paths of two pictures, the first larger than a chunk of base64."""
    paths = [tmp_path / "large.png", tmp_path / "a 'small' one.jpg"]
    for path, size in zip(paths, (200, 8)):
        cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8))
    assert paths[0].stat().st_size > 100_000
    return paths


@pytest.fixture
def run_node(tmp_path):
    """A function that runs the JavaScript client: run_node(url, *files, model, version, key) returns what it prints."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=LIMIT_S).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"node {version} is older than {OLDEST_NODE}")
    script = tmp_path / "ask.mjs"
    script.write_text(SCRIPT % (FOLDER / "pose_client.js").as_uri())

    def run(url, *files, model="pose", version="", key=""):
        command = [node, str(script), url, model, version, key, *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def run_curl(url, *files, model="pose", key=""):
    """Runs the client with curl; returns the finished process."""
    for program in ("bash", "curl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    command = [str(FOLDER / "predict.sh"), url, model, *map(str, files)]
    environment = {**os.environ, "SERVING_KEY": key, "no_proxy": "127.0.0.1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT_S)


def test_javascript_finds_the_same_joints_as_python(run_node, url, poses_client, pictures):
    expected = poses_client.predict_images([str(path) for path in pictures])
    answer = run_node(url, *pictures)
    assert [pose["keypoints"] for pose in answer["poses"]] == expected.keypoints.tolist()
    assert [pose["scores"] for pose in answer["poses"]] == expected.scores.tolist()
    assert [pose["valid"] for pose in answer["poses"]] == expected.valid.tolist()
    assert expected.keypoints[:, 0, 0].tolist() == [path.stat().st_size for path in pictures]
    assert answer["joints"] == poses_client.skeleton()["joints"]
    assert answer["status"] == [{"version": "1", "state": "AVAILABLE", "message": ""}]


def test_javascript_sends_version_and_key(run_node, url, fake, pictures):
    for version in ("7", "stable"):
        run_node(url, *pictures, model="a b", version=version, key="secret")
    paths = [path for method, path, _ in fake.requests if method == "GET"]
    assert paths == ["/v1/models/a%20b/versions/7", "/v1/models/a%20b/labels/stable"]
    assert {headers.get("Authorization") for headers in fake.headers} == {"Bearer secret"}


def test_javascript_without_images_asks_for_none(run_node, url, fake):
    assert run_node(url)["poses"] == []
    assert not any(":predict" in path and "image_bytes" in body["inputs"] for _, path, body in fake.requests if body)


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        ((404, {"error": "Servable not found"}), "missing", 'no model "pose" on this server.*Servable not found'),
        ((400, {"error": "bad input"}), "refused", "HTTP 400.*bad input"),
        ((401, {"error": "A key is needed"}), "refused", "HTTP 401.*A key is needed"),
        ((413, b"<html>too large</html>"), "refused", "too large"),
        ((200, b"<html>hello</html>"), "answer", "not as TensorFlow Serving"),
        ((200, {"outputs": [1, 2]}), "answer", "no joints for each image"),
    ],
)
def test_javascript_tells_what_went_wrong(run_node, url, fake, pictures, answer, kind, says):
    fake.answers = [answer]
    error = run_node(url, *pictures)
    assert error["name"] == "ServingError"
    assert error["kind"] == kind
    assert error["status"] == (answer[0] if answer[0] != 200 else 0)
    assert re.search(says, error["message"])


def test_javascript_tells_that_no_server_answers(run_node, pictures):
    error = run_node("http://127.0.0.1:1", *pictures)
    assert (error["name"], error["kind"]) == ("ServingError", "unreachable")


@pytest.mark.parametrize("kind", ["turned.jpg", "other.bmp"])
def test_javascript_refuses_what_it_would_have_to_convert(run_node, url, fake, tmp_path, pictures, kind):
    picture = Image.fromarray(np.zeros((8, 8, 3), np.uint8))
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(tmp_path / kind, **({"exif": exif} if kind.endswith("jpg") else {}))
    error = run_node(url, pictures[0], tmp_path / kind)
    assert error["kind"] == "file"
    assert "Image 2 is no JPEG or PNG that is stored upright" in error["message"]
    assert fake.requests == []


def test_curl_finds_the_same_joints_as_python(url, poses_client, fake, pictures):
    expected = poses_client.predict_images([str(path) for path in pictures])
    done = run_curl(url + "/", *pictures, key="secret")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outputs"]["keypoints"] == expected.keypoints.tolist()
    assert fake.headers[-1]["Authorization"] == "Bearer secret"
    assert fake.requests[-1][:2] == ("POST", "/v1/models/pose:predict")


def test_curl_without_a_key_sends_none(url, fake, pictures):
    assert run_curl(url, *pictures).returncode == 0
    assert "Authorization" not in fake.headers[-1]


def test_curl_fails_with_the_message_of_the_server(url, fake, pictures):
    fake.answers = [(404, {"error": "Servable not found"})]
    done = run_curl(url, *pictures)
    assert done.returncode == 22
    assert json.loads(done.stdout) == {"error": "Servable not found"}


def test_curl_repeats_a_request_that_a_busy_server_refuses(url, fake, pictures):
    fake.answers = [(429, {"error": "busy"})]
    done = run_curl(url, *pictures)
    assert done.returncode == 0
    assert len(fake.requests) == 2


def test_curl_names_a_file_that_is_not_there(url, fake, pictures):
    done = run_curl(url, pictures[0], "nowhere.jpg")
    assert done.returncode == 1
    assert done.stderr == "nowhere.jpg: cannot be read\n"
    assert fake.requests == []
    assert run_curl(url).returncode == 2
