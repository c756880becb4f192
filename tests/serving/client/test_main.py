"""The command `python -m serving.client`."""

import json
import subprocess
import sys

import numpy as np
import pytest

from serving.client import __main__ as command
from serving.client import media
from tests import conftest
from tests.helpers.fake_pose_server import REACH, SKELETON

LIMIT_S = 60


def test_a_video_in_clips_has_the_poses_of_the_whole_video(url, video_file, poses_client, tmp_path):
    output = tmp_path / "poses.json"
    arguments = [f"--url={url}", f"--output={output}", "--clip_frames=9", f"--clip_margin={REACH}", str(video_file)]
    assert command.main(arguments) == 0
    frames = json.loads(output.read_text())["videos"][0]["frames"]
    whole = poses_client.predict_clip(list(media.VideoJpegs(video_file)))
    assert len(frames) == 23
    np.testing.assert_allclose([f["keypoints"] for f in frames], whole.keypoints, rtol=1e-6)
    assert len({tuple(f["keypoints"][0]) for f in frames}) > 20  # else any order would do


def test_the_document_has_the_poses_of_every_file(url, image_file, video_file, tmp_path, capsys):
    output = tmp_path / "poses.json"
    assert command.main([f"--url={url}", f"--output={output}", str(video_file), str(image_file)]) == 0
    document = json.loads(output.read_text())
    assert document["skeleton"] == SKELETON
    assert [image["file"] for image in document["images"]] == [str(image_file)]
    assert set(document["images"][0]) == {"file", "keypoints", "scores", "valid"}
    assert document["videos"][0]["fps"] == 25.0
    assert capsys.readouterr().out == ""
    assert [p.name for p in tmp_path.glob(".writing-*")] == []
    assert command.main([f"--url={url}", str(image_file)]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == document["images"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("text.jpg", b"not an image", "expected a JPEG, PNG or video, received a file that is none of them"),
        ("empty.png", b"", "expected a JPEG, PNG or video, received a file that is none of them"),
        (None, b"", "No such file"),
    ],
)
def test_a_file_that_is_neither_image_nor_video_is_an_error(url, fake, tmp_path, capfd, name, content, message):
    path = tmp_path / (name or "missing.jpg")
    if name:
        path.write_bytes(content)
    assert command.main([f"--url={url}", str(path)]) == 1
    error = capfd.readouterr().err
    assert message in error
    assert str(path) in error
    assert fake.requests == []


def test_an_invalid_output_fails_before_the_first_request(url, fake, image_file, tmp_path, capsys):
    assert command.main([f"--url={url}", f"--output={tmp_path}/no/poses.json", str(image_file)]) == 1
    assert "does not exist" in capsys.readouterr().err
    assert fake.requests == []


@pytest.mark.parametrize("flag", ["--version=-3", "--timeout_s=0", "--timeout_s=nan"])
def test_invalid_numbers_fail_before_the_first_request(url, fake, image_file, flag, capsys):
    with pytest.raises(SystemExit):
        command.main([f"--url={url}", flag, str(image_file)])
    assert f"{flag.split('=')[0]}: expected" in capsys.readouterr().err
    assert fake.requests == []


def test_an_interruption_prints_one_line(url, fake, image_file, monkeypatch, capsys):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(command.pose_client.PoseClient, "predict_images", interrupt)
    assert command.main([f"--url={url}", str(image_file)]) == 130
    assert capsys.readouterr().err.strip() == "interrupted"


def test_rest_needs_neither_tensorflow_nor_opencv(url, image_file):
    code = (
        "import sys\n"
        "for name in ('tensorflow', 'grpc', 'cv2', 'keras', 'tensorflow_serving'):\n"
        "    sys.modules[name] = None\n"
        "from serving.client import __main__\n"
        f"sys.exit(__main__.main(['--url={url}', {str(image_file)!r}]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=conftest.ROOT, capture_output=True, text=True, timeout=LIMIT_S
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["skeleton"] == SKELETON
