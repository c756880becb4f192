"""The client against a small HTTP server that answers as TensorFlow Serving would, or misbehaves as told."""

import base64
import contextlib
import http.server
import json
import socket
import subprocess
import sys
import threading
import time

import cv2
import numpy as np
import pytest

from serving import client
from serving.client import __main__ as command
from serving.client import documents, media, rest
from tests import conftest
from tests.helpers import serving_servers

SKELETON = {"name": "two", "joints": ["left", "right"], "flip_pairs": [["left", "right"]], "edges": []}
REACH = 2  # frames on each side that the fake clip model looks at
LIMIT_S = 60


class Fake:
    """What the server saw, and how it is to answer: `answers` (status, JSON or bytes) go first, one a request."""

    def __init__(self):
        self.requests, self.answers, self.pause_s, self.hang_ups = [], [], 0.0, 0


def fake_poses(signature, inputs):
    """Every joint of an image is its number of bytes; a clip's is the mean of those within REACH frames."""

    def rows(values):
        return {
            "keypoints": [[[v, 2 * v]] * 2 for v in values],
            "scores": [[0.5, 1.0]] * len(values),
            "valid": [[v > 0, v > 0] for v in values],
        }

    if signature == "describe":
        return [json.dumps(SKELETON) if t == "skeleton" else "" for t in inputs["topic"]]
    if signature == "predict_frames":
        return rows([float(np.mean(frame)) for frame in inputs["frames"]])
    if signature == "predict_clip":
        clips = [[float(len(base64.b64decode(f["b64"]))) for f in clip] for clip in inputs["frames_bytes"]]
        means = [[np.mean(c[max(0, i - REACH) : i + REACH + 1]) for i in range(len(c))] for c in clips]
        parts = [rows([float(m) for m in mean]) for mean in means]
        return {name: [part[name] for part in parts] for name in parts[0]}
    return rows([float(len(base64.b64decode(i["b64"]))) for i in inputs["image_bytes"]])


@contextlib.contextmanager
def serve(fake):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self):
            self.answer(None)

        def do_POST(self):
            self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def answer(self, body):
            fake.requests.append((self.command, self.path, body))
            if fake.hang_ups:
                fake.hang_ups -= 1
                self.close_connection = True
                return
            time.sleep(fake.pause_s)
            if fake.answers:
                status, answer = fake.answers.pop(0)
            elif body is None:
                status, answer = 200, {"model_version_status": [{"version": "1", "state": "AVAILABLE"}]}
            else:
                status, answer = 200, {"outputs": fake_poses(body["signature_name"], body["inputs"])}
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def fake():
    return Fake()


@pytest.fixture
def url(fake):
    with serve(fake) as address:
        yield address


@pytest.fixture
def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        yield held.getsockname()[1]


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8))
    return path


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25.0, (64, 48))
    for i in range(23):
        writer.write(np.random.default_rng(i).integers(0, 40 + 8 * i, (48, 64, 3)).astype(np.uint8))
    writer.release()
    return path


@pytest.fixture
def poses_client(url):
    with client.PoseClient(url, timeout_s=20) as it:
        yield it


def test_images_go_as_base64_in_batches_and_come_back_in_order(url, fake, picture):
    images = [b"a" * n for n in (3, 1, 5)] + [picture]
    with client.PoseClient(url, "pose", batch_size=3) as it:
        poses = it.predict_images(images)
    sizes = [3, 1, 5, picture.stat().st_size]
    np.testing.assert_array_equal(poses.keypoints[:, 0], [[s, 2 * s] for s in sizes])
    assert [array.dtype for array in poses] == [np.float32, np.float32, bool]
    assert [array.shape for array in poses] == [(4, 2, 2), (4, 2), (4, 2)]
    assert [len(body["inputs"]["image_bytes"]) for _, _, body in fake.requests] == [3, 1]
    assert {path for _, path, _ in fake.requests} == {"/v1/models/pose:predict"}


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


def test_frames_go_as_pixels(poses_client):
    poses = poses_client.predict_frames(np.full((2, 3, 4, 3), 7, np.uint8))
    np.testing.assert_array_equal(poses.keypoints[..., 0], np.full((2, 2), 7))
    with pytest.raises(ValueError, match=r"expected uint8 \[N, H, W, 3\], received float64 \[1, 2\]"):
        poses_client.predict_frames(np.zeros((1, 2)))


def test_no_images_are_no_poses(poses_client):
    for poses in (poses_client.predict_images([]), poses_client.predict_clip([])):
        assert [array.shape for array in poses] == [(0, 2, 2), (0, 2), (0, 2)]


def test_skeleton_is_asked_for_once(poses_client, fake):
    assert poses_client.skeleton() == poses_client.skeleton() == SKELETON
    assert len(fake.requests) == 1
    with pytest.raises(client.ServingError, match="expected JSON about 'model_card', received ''"):
        poses_client.model_card()


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(poses_client, fake, status):
    fake.answers = [(status, {"error": "busy"})] * 2
    assert poses_client.predict_images([b"abc"]).keypoints[0, 0, 0] == 3
    assert len(fake.requests) == 3


def test_a_lost_connection_is_asked_again(poses_client, fake):
    fake.hang_ups = 2
    assert poses_client.predict_images([b"abc"]).keypoints[0, 0, 0] == 3
    assert len(fake.requests) == 3


def test_repeats_come_at_once_and_then_after_pauses_that_double(url, fake):
    fake.answers = [(503, {"error": "still loading"})] * 4
    with serving_servers.note_pauses() as pauses_s:
        rest.RestTransport(url, "pose", backoff_s=0.01).status()
    assert len(fake.requests) == 5
    assert pauses_s == pytest.approx([0.02, 0.04, 0.08])


def test_a_server_that_stays_busy_is_given_up_with_its_words(url, fake):
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
def test_an_error_is_final_and_has_the_servers_words(poses_client, fake, status, kind):
    fake.answers = [(status, {"error": "Servable not found"})]
    with pytest.raises(kind, match="Servable not found") as caught:
        poses_client.predict_images([b"abc"])
    assert caught.value.status == status
    assert len(fake.requests) == 1


@pytest.mark.parametrize("answer", [b"<html>hello", b"[]", b"", {"predictions": []}, {"outputs": {"keypoints": []}}])
def test_something_else_than_a_model_server_is_noticed(poses_client, fake, answer):
    fake.answers = [(200, answer)]
    with pytest.raises(client.ServingError, match="expected"):
        poses_client.predict_images([b"abc"])


def test_an_answer_of_the_wrong_number_of_images_is_noticed(poses_client, fake):
    fake.answers = [(200, {"outputs": fake_poses("serving_default", {"image_bytes": [{"b64": ""}]})})]
    with pytest.raises(client.ServingError, match=r"expected keypoints of \[2\] images, received \[1, 2, 2\]"):
        poses_client.predict_images([b"a", b"b"])


def test_a_slow_server_is_left_after_the_time_limit_and_not_asked_again(url, fake):
    fake.pause_s = 2.0
    with client.PoseClient(url, timeout_s=0.3) as it:
        with pytest.raises(client.ServerNotReachableError, match="no answer within 0.3 s"):
            it.status()
        assert len(fake.requests) == 1


def test_no_server_is_said_so(free_port):
    transport = rest.RestTransport(f"http://127.0.0.1:{free_port}", "pose", retries=1, backoff_s=0.01)
    with pytest.raises(client.ServerNotReachableError, match="no server can be reached"):
        transport.status()


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="expected something like http://localhost:8501, received 'localhost:8501'"):
        client.PoseClient("localhost:8501")
    with pytest.raises(ValueError, match="a version or a label, received both: 1 and 'stable'"):
        client.PoseClient("http://localhost", version=1, label="stable")
    with pytest.raises(ValueError, match="batch_size: expected at least 1, received 0"):
        client.PoseClient("http://localhost", batch_size=0)


@pytest.mark.parametrize(("length", "margin"), [(5, 2), (8, 0), (6, 1), (32, 8)])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 8, 9, 23, 40])
def test_clips_hold_each_frame_once_with_its_neighbours(count, length, margin):
    kept = []
    for clip, first, last in media.overlapping_clips(iter(range(count)), length, margin):
        assert len(clip) <= length
        for i in range(first, last):
            needed = range(max(0, clip[i] - margin), min(count, clip[i] + margin + 1))
            assert set(needed) <= set(clip)
        kept += clip[first:last]
    assert kept == list(range(count))


def test_clips_without_room_are_refused():
    with pytest.raises(ValueError, match="received length 4 and margin 2"):
        list(media.overlapping_clips([1], 4, 2))


def test_video_in_clips_is_the_video_at_once(url, video, poses_client, tmp_path):
    output = tmp_path / "poses.json"
    arguments = [f"--url={url}", f"--output={output}", "--clip_frames=9", f"--clip_margin={REACH}", str(video)]
    assert command.main(arguments) == 0
    frames = json.loads(output.read_text())["videos"][0]["frames"]
    whole = poses_client.predict_clip(list(media.VideoFrames(video)))
    assert len(frames) == 23
    np.testing.assert_allclose([f["keypoints"] for f in frames], whole.keypoints, rtol=1e-6)
    assert len({tuple(f["keypoints"][0]) for f in frames}) > 20  # else any order would do


def test_command_writes_names_and_joints_of_every_file(url, picture, video, tmp_path, capsys):
    output = tmp_path / "poses.json"
    assert command.main([f"--url={url}", f"--output={output}", str(video), str(picture)]) == 0
    document = json.loads(output.read_text())
    assert document["skeleton"] == SKELETON
    assert [image["file"] for image in document["images"]] == [str(picture)]
    assert set(document["images"][0]) == {"file", "keypoints", "scores", "valid"}
    assert document["videos"][0]["fps"] == 25.0
    assert capsys.readouterr().out == ""
    assert [p.name for p in tmp_path.glob(".writing-*")] == []
    assert command.main([f"--url={url}", str(picture)]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == document["images"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("text.jpg", b"not an image", "expected a JPEG, a PNG or a video, and it is none of them"),
        ("empty.png", b"", "expected a JPEG, a PNG or a video, and it is none of them"),
        (None, b"", "No such file"),
    ],
)
def test_files_that_are_no_images_end_with_a_message(url, fake, tmp_path, capfd, name, content, says):
    path = tmp_path / (name or "missing.jpg")
    if name:
        path.write_bytes(content)
    assert command.main([f"--url={url}", str(path)]) == 1
    error = capfd.readouterr().err
    assert says in error
    assert str(path) in error
    assert fake.requests == []


def test_an_output_that_cannot_be_written_is_noticed_before_the_work(url, fake, picture, tmp_path, capsys):
    assert command.main([f"--url={url}", f"--output={tmp_path}/no/poses.json", str(picture)]) == 1
    assert "there is no folder" in capsys.readouterr().err
    assert fake.requests == []


@pytest.mark.parametrize("flag", ["--version=-3", "--timeout_s=0", "--timeout_s=nan"])
def test_numbers_out_of_range_are_refused_before_the_work(url, fake, picture, flag, capsys):
    with pytest.raises(SystemExit):
        command.main([f"--url={url}", flag, str(picture)])
    assert f"{flag.split('=')[0]}: expected" in capsys.readouterr().err
    assert fake.requests == []


def test_an_interruption_is_one_line(url, fake, picture, monkeypatch, capsys):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(command.pose_client.PoseClient, "predict_images", interrupt)
    assert command.main([f"--url={url}", str(picture)]) == 130
    assert capsys.readouterr().err.strip() == "interrupted"


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "poses.json"
    path.write_text("old")
    with pytest.raises(ValueError, match="not JSON compliant"):
        documents.write_document(path, {"x": float("nan")})
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["poses.json"]


def test_rest_client_works_without_tensorflow(url, picture):
    code = (
        "import sys\n"
        "for name in ('tensorflow', 'grpc', 'cv2', 'keras', 'tensorflow_serving'):\n"
        "    sys.modules[name] = None\n"
        "from serving.client import __main__\n"
        f"sys.exit(__main__.main(['--url={url}', {str(picture)!r}]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=conftest.ROOT, capture_output=True, text=True, timeout=LIMIT_S
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["skeleton"] == SKELETON
