"""The command `python -m serving.client`."""

import json
import subprocess
import sys

import numpy as np
import pytest

from serving.client import __main__ as command
from serving.client import media
from tests import conftest
from tests.helpers import real_videos
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
    np.testing.assert_allclose([f["time_s"] for f in frames], np.arange(23) / 25, atol=1e-3)


def test_the_rate_of_a_video_is_sent_to_a_model_with_a_window_in_seconds(url, fake, video_file, tmp_path):
    """A window of 0.4 s reaches 10 frames at 25 frames/s: the clips are longer than they would be, and overlap more."""
    fake.window_seconds = 0.4
    output = tmp_path / "poses.json"
    assert (
        command.main([f"--url={url}", f"--output={output}", "--clip_frames=9", "--clip_margin=2", str(video_file)]) == 0
    )
    bodies = [body for _, _, body in fake.requests if body and "frames_bytes" in body["inputs"]]
    assert [body["signature_name"] for body in bodies] == ["predict_clip_at_rate"]
    assert [body["inputs"]["frame_rate"] for body in bodies] == [[25.0]]
    assert [len(body["inputs"]["frames_bytes"][0]) for body in bodies] == [23]
    assert len(json.loads(output.read_text())["videos"][0]["frames"]) == 23


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
        ("text.jpg", b"not an image", "expected a picture or a video; as a video: "),
        ("empty.png", b"", "expected a picture or a video; as a video: "),
    ],
)
def test_a_file_that_is_neither_image_nor_video_is_an_error(url, fake, tmp_path, capfd, name, content, message):
    path = tmp_path / name
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


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--clip_frames=0"], "--clip_frames: expected more than twice --clip_margin=8, received 0"),
        (["--clip_frames=4", "--clip_margin=2"], "--clip_frames: expected more than twice --clip_margin=2, received 4"),
        (["--clip_margin=-1"], "--clip_margin: expected 0 or more, received -1"),
        (["--batch_size=0"], "--batch_size: expected 1 or more, received 0"),
        (["--key_file=nowhere"], "--key_file: expected a file, received 'nowhere'"),
        (["nowhere.jpg"], "expected pictures and videos, received 'nowhere.jpg', which is no file"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_the_first_request(url, fake, image_file, flags, message, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main([f"--url={url}", str(image_file), *flags])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
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


def test_a_damaged_frame_keeps_its_row_and_is_marked(url, tmp_path, capsys):
    whole = tmp_path / "whole.mp4"
    damaged = tmp_path / "damaged.mp4"
    rng = np.random.default_rng(0)
    for path in (whole, damaged):
        real_videos.write(path, [rng.integers(0, 20 + 8 * i, (48, 64, 3)).astype(np.uint8) for i in range(24)])
        rng = np.random.default_rng(0)
    lost = [2, 11, 12, 13, 23]
    real_videos.damage(damaged, lost)
    output = tmp_path / "poses.json"
    flags = [f"--url={url}", f"--output={output}", "--clip_frames=7", f"--clip_margin={REACH}"]
    assert command.main([*flags, str(whole), str(damaged)]) == 0
    expected, video = json.loads(output.read_text())["videos"]
    assert [frame["decoded"] for frame in video["frames"]] == [i not in lost for i in range(24)]
    assert all(frame["decoded"] for frame in expected["frames"])
    for i in lost:
        time_s = pytest.approx(i / 25, abs=1e-3)
        nothing = {"keypoints": [[0, 0]] * 2, "scores": [0, 0], "valid": [False] * 2, "decoded": False}
        assert video["frames"][i] == {"time_s": time_s, **nothing}
    far = [i for i in range(24) if all(abs(i - j) > REACH for j in lost)]
    assert far == [5, 6, 7, 8, *range(16, 21)]
    assert [video["frames"][i] for i in far] == [expected["frames"][i] for i in far]
    error = capsys.readouterr().err
    assert f"warning: {damaged}: 5 of 24 frames are damaged and do not decode: 2, 11 to 13, 23" in error
    assert str(whole) not in error


def test_a_clip_without_a_single_frame_is_not_sent(url, fake, tmp_path, capsys):
    path = tmp_path / "damaged.mp4"
    real_videos.write(path, [np.full((48, 64, 3), 10 * i, np.uint8) for i in range(20)])
    real_videos.damage(path, range(5, 16))
    assert command.main([f"--url={url}", "--clip_frames=4", "--clip_margin=1", str(path)]) == 0
    frames = json.loads(capsys.readouterr().out)["videos"][0]["frames"]
    assert [frame["decoded"] for frame in frames] == [not 5 <= i < 16 for i in range(20)]
    clips = [body["inputs"]["frames_bytes"][0] for _, _, body in fake.requests if "frames_bytes" in body["inputs"]]
    assert all(any(frame["b64"] for frame in clip) for clip in clips)


@pytest.mark.slow
def test_more_videos_than_files_may_be_open(url, tmp_path):
    first = tmp_path / "0.mp4"
    real_videos.write(first, [np.full((32, 48, 3), 20 * i, np.uint8) for i in range(2)])
    paths = [first]
    for number in range(1, 300):
        paths.append(tmp_path / f"{number}.mp4")
        paths[-1].hardlink_to(first) if hasattr(first, "hardlink_to") else paths[-1].write_bytes(first.read_bytes())
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "from serving.client import __main__\n"
        "sys.exit(__main__.main(sys.argv[1:]))\n"
    )
    arguments = [f"--url={url}", "--clip_margin=0", *map(str, paths)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=conftest.ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    videos = json.loads(done.stdout)["videos"]
    assert [video["file"] for video in videos] == list(map(str, paths))
    assert all(len(video["frames"]) == 2 for video in videos)


def test_a_wrong_file_among_many_fails_before_the_first_request(url, fake, image_file, video_file, tmp_path, capsys):
    wrong = tmp_path / "notes.mp4"
    wrong.write_bytes(b"words")
    assert command.main([f"--url={url}", str(image_file), str(video_file), str(wrong)]) == 1
    assert f"error: {wrong}: expected a picture or a video" in capsys.readouterr().err
    assert fake.requests == []


def test_the_help_says_what_positions_refer_to(capsys):
    with pytest.raises(SystemExit):
        command.main(["--help"])
    assert "positions are in px of the upright image" in " ".join(capsys.readouterr().out.split())


def test_the_key_comes_from_a_file(url, fake, image_file, tmp_path):
    (tmp_path / "key").write_text("s3cret\n")
    assert command.main([f"--url={url}", f"--key_file={tmp_path / 'key'}", str(image_file)]) == 0
    assert {headers["Authorization"] for headers in fake.headers} == {"Bearer s3cret"}
