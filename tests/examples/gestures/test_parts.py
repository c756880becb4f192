"""Parts of the gesture example that need no trained net: clips, the rule of the synthetic ones, cached maps, tracks."""

import contextlib
import http.server
import json
import os
import threading
import time

import numpy as np
import pytest
import tensorflow as tf

from examples.gestures import ask, clips, make_clips, pose_maps, scoring, train, atomic_files
from examples.gestures.classifier import JointTracks
from keras_pose.data import video


class CountingPose:
    """In place of `PoseModel`: maps that say how bright a frame is, and how often they were asked for."""

    def __init__(self, identity):
        self.identity, self.asked = identity, 0

    def heatmaps(self, frames):
        self.asked += 1
        bright = tf.reduce_mean(tf.cast(frames, tf.float32), [1, 2, 3], keepdims=True) / 255
        return {"heatmaps": tf.tile(bright, [1, 2, 2, 1])}


def save_clip(folder, name="a.npz", value=0, num_frames=3):
    np.savez(folder / name, frames=np.full((num_frames, 8, 8, 3), value, np.uint8))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "labels.csv:1: expected the line file,label, received 'nothing'"),
        ("a.npz,up\n", "labels.csv:1: expected the line file,label, received 'a.npz,up'"),
        ("file,label\na.npz,up\nb.npz,up\n", r"labels.csv:3: .*b\.npz: no such file"),
        ("file,label\na.npz,up\na.npz,down\n", r"labels.csv:3: a\.npz was named before"),
        ("file,label\na.npz\n", r"labels.csv:2: expected a file and a label, received 'a\.npz'"),
        ("file,label\na.npz,\n", "labels.csv:2: expected a file and a label"),
        ("file,label\n\n", "labels.csv: expected at least one clip"),
    ],
)
def test_refuses_tables_that_are_wrong(tmp_path, text, message):
    save_clip(tmp_path)
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        clips.list_clips(str(tmp_path))


def test_refuses_a_folder_without_table(tmp_path):
    with pytest.raises(ValueError, match="expected a folder with labels.csv"):
        clips.list_clips(str(tmp_path))


def test_reads_tables_with_spaces_empty_lines_and_the_mark_of_spreadsheets(tmp_path):
    save_clip(tmp_path)
    (tmp_path / "labels.csv").write_text("\ufefffile, label\n\na.npz, wave hello\n\n", encoding="utf-8")
    assert clips.list_clips(str(tmp_path)) == [clips.LabelledClip(str(tmp_path / "a.npz"), "wave hello")]


def test_reads_videos_as_rgb(tmp_path):
    frames = np.zeros((5, 32, 48, 3), np.uint8)
    frames[..., 0] = 200
    frames[:, :, 24:, 2] = 150
    video.write_video(tmp_path / "a.avi", frames, 25)
    read = clips.read_frames(str(tmp_path / "a.avi"))
    assert read.shape == frames.shape
    assert np.abs(read.astype(int) - frames).mean() < 6


def test_refuses_files_that_are_no_clips(tmp_path):
    np.savez(tmp_path / "other.npz", images=np.zeros(3))
    np.savez(tmp_path / "floats.npz", frames=np.zeros((2, 8, 8, 3)))
    (tmp_path / "noise.npz").write_bytes(b"noise")
    (tmp_path / "noise.mp4").write_bytes(b"noise")
    for name, message in (
        ("other.npz", "expected an .npz file that holds `frames`"),
        ("noise.npz", "expected an .npz file that holds `frames`"),
        ("floats.npz", r"expected frames uint8 \[T, H, W, 3\], received float64 \[2, 8, 8, 3\]"),
        ("noise.mp4", "no frame of it decodes"),
    ):
        with pytest.raises(ValueError, match=f"{name}: .*{message}"):
            clips.read_frames(str(tmp_path / name))


def test_refuses_damaged_archives(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3)).astype(np.uint8)
    np.savez(tmp_path / "whole.npz", frames=noise)
    np.savez_compressed(tmp_path / "compressed.npz", frames=noise)
    whole, compressed = ((tmp_path / name).read_bytes() for name in ("whole.npz", "compressed.npz"))
    middle = len(compressed) // 2
    (tmp_path / "half.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "holed.npz").write_bytes(compressed[:middle] + b"\xff" * 64 + compressed[middle + 64 :])
    with open(tmp_path / "array.npz", "wb") as file:
        np.save(file, noise)
    np.testing.assert_array_equal(clips.read_frames(str(tmp_path / "compressed.npz")), noise)
    for name in ("half.npz", "holed.npz", "array.npz"):
        with pytest.raises(ValueError, match=f"{name}: expected an .npz file that holds `frames`"):
            clips.read_frames(str(tmp_path / name))


def test_held_out_clips_are_a_share_of_every_label():
    listed = [clips.LabelledClip(f"{n}", "often" if n < 20 else "rarely") for n in range(24)]
    rest, held = clips.hold_out(listed, 0.2, seed=1)
    assert sorted(rest + held, key=lambda clip: int(clip.path)) == listed
    assert [clip.label for clip in held].count("often") == 4
    assert [clip.label for clip in held].count("rarely") == 1
    assert clips.hold_out(listed, 0.2, seed=1) == (rest, held)
    assert clips.hold_out(listed, 0.2, seed=2) != (rest, held)


def test_maps_are_computed_once_for_each_net_and_clip(tmp_path):
    save_clip(tmp_path, "a.npz", 51)
    save_clip(tmp_path, "b.npz", 102)
    listed = [clips.LabelledClip(str(tmp_path / name), "x") for name in ("a.npz", "b.npz")]
    cache, pose = str(tmp_path / "maps"), CountingPose("net")
    first = pose_maps.compute_maps(pose, listed, cache)
    assert first.shape == (2, 3, 2, 2, 1)
    np.testing.assert_allclose(first[:, 0, 0, 0, 0], [0.2, 0.4], atol=1e-3)
    np.testing.assert_array_equal(pose_maps.compute_maps(pose, listed, cache), first)
    assert pose.asked == 2
    save_clip(tmp_path, "b.npz", 153)
    np.testing.assert_allclose(pose_maps.compute_maps(pose, listed, cache)[1, 0, 0, 0, 0], 0.6, atol=1e-3)
    assert pose.asked == 3
    other = CountingPose("another net")
    pose_maps.compute_maps(other, listed, cache)
    assert other.asked == 2


def test_maps_that_cannot_be_saved_leave_nothing_behind(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("no space left")

    save_clip(tmp_path)
    monkeypatch.setattr(pose_maps.np, "save", fail)
    listed = [clips.LabelledClip(str(tmp_path / "a.npz"), "x")]
    with pytest.raises(OSError, match="no space left"):
        pose_maps.compute_maps(CountingPose("net"), listed, str(tmp_path / "maps"))
    assert list((tmp_path / "maps").iterdir()) == []


def test_results_are_written_whole_or_not_at_all(tmp_path, monkeypatch):
    results = {"confusion": [[1, 0], [0, 1]], "names": ["a", "b"]}
    train.write_results(str(tmp_path), results)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(before) == ["confusion.png", "results.json"]
    with pytest.raises(TypeError):
        train.write_results(str(tmp_path), {**results, "accuracy": object()})

    def draw_half(path, *_):
        with open(path, "wb") as file:
            file.write(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(scoring, "draw_confusion", draw_half)
    with pytest.raises(OSError, match="no space left"):
        train.write_results(str(tmp_path), results)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_killed_runs_left_is_cleared_after_a_while(tmp_path):
    old, young, other = (tmp_path / name for name in (".writing-1-a.npy", ".writing-2-b.npy", "c.npy"))
    folder = tmp_path / ".writing-x"
    folder.mkdir()
    for path in (old, young, other, folder / "saved_model.pb"):
        path.write_bytes(b"")
    before = time.time() - 2 * atomic_files.STALE_S
    for path in (old, other, folder):
        os.utime(path, (before, before))
    save_clip(tmp_path, "clip.npz")
    pose_maps.compute_maps(CountingPose("net"), [clips.LabelledClip(str(tmp_path / "clip.npz"), "x")], str(tmp_path))
    assert not old.exists()
    assert not folder.exists()
    assert young.exists()
    assert other.exists()


def test_tracks_follow_a_peak_and_forget_where_the_person_stands():
    def gaussian(x, y, size=24):
        grid = np.arange(size)
        return np.exp(-((grid[None] - x) ** 2 + (grid[:, None] - y) ** 2) / 8).astype(np.float32)

    x, y = np.array([[8, 9, 10], [14, 14, 14]]), np.array([[12, 10, 8], [12, 12, 12]])  # [J, T]
    maps = np.stack([[gaussian(x[j, t], y[j, t]) for j in range(2)] for t in range(3)])  # [T, J, h, w]
    maps = np.moveaxis(maps, 1, -1)[None]
    tracks = JointTracks()(tf.constant(maps)).numpy()[0]
    unit = 2 / 23  # a heatmap px, the map going from -1 to 1
    np.testing.assert_allclose(tracks[:, 0:2], (x - x.mean()).T * unit, atol=2e-3)
    np.testing.assert_allclose(tracks[:, 2:4], (y - y.mean()).T * unit, atol=2e-3)
    np.testing.assert_allclose(tracks[:, 4:6], 5 * (x - x.mean(1, keepdims=True)).T * unit, atol=5e-3)
    np.testing.assert_allclose(tracks[:, 6:8], 5 * (y - y.mean(1, keepdims=True)).T * unit, atol=5e-3)
    np.testing.assert_allclose(tracks[:, 8:10], 1, atol=1e-6)
    moved = JointTracks()(tf.constant(np.roll(maps, (2, -1), (2, 3)))).numpy()[0]
    np.testing.assert_allclose(moved, tracks, atol=5e-3)


def test_tracks_of_empty_maps_are_finite():
    tracks = JointTracks()(tf.zeros([1, 3, 8, 8, 2])).numpy()
    np.testing.assert_array_equal(tracks, 0)


def test_interval_of_an_accuracy_is_that_of_the_binomial():
    right = np.arange(200) < 160
    low, high = scoring.interval(right)
    spread = 1.96 * np.sqrt(0.8 * 0.2 / 200)
    assert low == pytest.approx(0.8 - spread, abs=0.012)
    assert high == pytest.approx(0.8 + spread, abs=0.012)
    assert scoring.interval(np.ones(10)) == (1, 1)


def test_confusion_counts_true_gestures_in_rows():
    np.testing.assert_array_equal(scoring.confusion([0, 0, 1], [0, 1, 1], 3), [[1, 1, 0], [0, 1, 0], [0, 0, 0]])


def made_up_joints(right, left, num_frames=4):
    """Joints whose shoulders are 40 px apart and whose wrists rise by these many px."""
    joints = np.zeros((num_frames, 7, 2), np.float32)
    joints[:, 5], joints[:, 6] = (30, 40), (70, 40)
    share = np.linspace(0, 1, num_frames)
    joints[:, 1, 1], joints[:, 2, 1] = 80 - right * share, 80 - left * share
    return joints


@pytest.mark.parametrize(
    ("right", "left", "gesture"),
    [
        (17, 0, "right_up"),
        (-17, 7, "right_down"),
        (0, 17, "left_up"),
        (-7, -17, "left_down"),
        (17, 30, "both_up"),
        (-30, -17, "both_down"),
        (7, -7, "still"),
        (12, 0, None),  # 0.3 widths: neither still nor up
        (17, 12, None),
        (17, -17, None),
    ],
)
def test_gestures_are_named_by_how_far_hands_rise(right, left, gesture):
    joints = made_up_joints(right, left)
    assert make_clips.name_gesture(joints) == gesture
    joints += np.linspace(0, 25, 4)[:, None, None].astype(np.float32)  # the whole person moves
    assert make_clips.name_gesture(joints) == gesture


def test_made_clips_have_every_gesture_as_often_as_asked_and_no_signer_twice(tmp_path):
    make_clips.main([f"--output={tmp_path}", "--train=2", "--test=1", "--frames=8", "--size=32"])
    train, test = (clips.list_clips(str(tmp_path / name)) for name in ("train", "test"))
    for listed, count in ((train, 2), (test, 1)):
        labels = [clip.label for clip in listed]
        assert {label: labels.count(label) for label in labels} == dict.fromkeys(make_clips.GESTURES.values(), count)
    assert clips.read_frames(train[0].path).shape == (8, 32, 32, 3)
    assert all("signers-test-1" in clip.path for clip in test)


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--train=-1", "--train: expected 1 or more, received -1"),
        ("--test=0", "--test: expected 1 or more, received 0"),
        ("--frames=1", "--frames: expected 2 or more, received 1"),
    ],
)
def test_numbers_that_would_give_no_clips_are_refused(tmp_path, flag, message):
    with pytest.raises(SystemExit, match=message):
        make_clips.main([f"--output={tmp_path}", "--train=1", "--test=1", "--size=32", flag])
    assert list(tmp_path.iterdir()) == []


def test_clips_too_short_for_a_gesture_are_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(make_clips, "MAX_IN_VAIN", 20)
    with pytest.raises(SystemExit, match="none of 20 signers shows right_up, .*both_down in 2 frames"):
        make_clips.main([f"--output={tmp_path}", "--train=1", "--test=1", "--frames=2", "--size=32"])


@contextlib.contextmanager
def answering(body, length=None, status=200):
    """URL of a model on a server that gives one answer to everything."""

    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(length or len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/models/gestures"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


FRAMES = np.zeros((2, 4, 4, 3), np.uint8)
ANSWER = json.dumps({"outputs": {"probabilities": [[0.25, 0.75]], "names": [["down", "up"]]}}).encode()


def test_a_proxy_of_the_environment_does_not_stand_before_this_machine(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with answering(ANSWER) as url:
        assert ask.ask(url, FRAMES) == {"up": 0.75, "down": 0.25}
        with pytest.raises(OSError, match="no answer"):  # the proxy, which is none, is asked for other machines
            ask.ask("http://example.invalid/v1/models/gestures", FRAMES)


@pytest.mark.parametrize(
    "body",
    [
        b"hello",
        b"[]",
        b'{"predictions": []}',
        b'{"outputs": [[0.5]]}',
        b'{"outputs": {"keypoints": []}}',
        b'{"outputs": {"probabilities": [["high"]], "names": [["up"]]}}',
    ],
)
def test_the_answer_of_another_model_is_said_so(body):
    with (
        answering(body) as url,
        pytest.raises(ValueError, match="expected the answer of a model of gestures, received"),
    ):
        ask.ask(url, FRAMES)


@pytest.mark.parametrize("status", [200, 400])
def test_an_answer_that_breaks_off_is_said_so(status):
    with answering(ANSWER, 2 * len(ANSWER), status) as url, pytest.raises(OSError, match="no answer: IncompleteRead"):
        ask.ask(url, FRAMES)
