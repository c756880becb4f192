"""Jitter and error of whole videos, and how well labels repeat."""

import json

import numpy as np
import pytest

from benchmarks import label_noise, video_jitter
from benchmarks.common import video_predictions
from benchmarks.figures import video_jitter_figure
from keras_pose.data import selection
from keras_pose.data.clip import UNLABELLED, VISIBLE, ArrayFrames, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference.pose_model import FramePose
from keras_pose.models import factory
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from tests.helpers import tiny

SKELETON = Skeleton("two", ("tip", "tail"))


def make_clip(num_frames=6, labelled=(1, 3), frames=None):
    joints = np.arange(len(labelled) * 4, dtype=np.float32).reshape(-1, 2, 2) + 2
    visibility = np.full(joints.shape[:2], VISIBLE)
    frames = frames or ArrayFrames(np.random.default_rng(0).integers(0, 255, (num_frames, 16, 20, 3)))
    return Clip("a", frames, labelled, joints, visibility)


def make_video(name, predicted, labelled=()):
    predicted = np.asarray(predicted, np.float32)
    truth = np.full(predicted.shape, np.nan)
    truth[list(labelled)] = (53, 54)
    visibility = np.where(np.isnan(truth[..., 0]), UNLABELLED, VISIBLE)
    return ClipPredictions(name, range(len(predicted)), predicted, visibility * 1.0, truth, visibility, (100, 100))


def make_videos(scale=1.0, lengths=(10, 20, 5), labelled=(2,)):
    """Videos whose every second difference is `scale` times that of scale 1."""
    rng = np.random.default_rng(1)
    return [make_video(f"v{i}", 50 + scale * rng.normal(0, 1, (n, 2, 2)), labelled) for i, n in enumerate(lengths)]


class FakeStream:
    """Predicts the mean grey level as x, the number of the frame as y."""

    def predict(self, frames):
        for i, frame in enumerate(frames):
            yield FramePose(i, np.full((2, 2), (frame.mean(), i), np.float32), np.ones(2, np.float32))


def test_a_stream_has_every_frame_and_the_labels_that_stand_on_one():
    clip = make_clip(num_frames=6, labelled=(1, 3, 9))
    video = video_predictions.stream_clip(FakeStream(), clip)
    np.testing.assert_array_equal(video.frames, range(6))
    np.testing.assert_allclose(video.predicted[:, 0, 0], clip.frames.array.mean((1, 2, 3)), rtol=1e-5)
    assert np.flatnonzero(np.isfinite(video.truth).all((1, 2))).tolist() == [1, 3]
    np.testing.assert_array_equal(video.truth[[1, 3]], clip.joints[:2])
    assert len(video_predictions.stream_clip(FakeStream(), clip, most_frames=3).frames) == 3


def test_a_stream_takes_the_video_and_not_the_images_beside_it():
    class Both(ArrayFrames):
        def __init__(self, array):
            super().__init__(np.zeros_like(array))
            self.video = ArrayFrames(array)

    clip = make_clip(frames=Both(np.full((4, 8, 8, 3), 77, np.uint8)))
    np.testing.assert_allclose(video_predictions.stream_clip(FakeStream(), clip).predicted[..., 0], 77)


def test_separate_images_have_no_jitter_to_measure(tmp_path):
    frames = ImageFrames({1: tmp_path / "a.png", 3: tmp_path / "b.png"}, size_hw=(8, 8))
    with pytest.raises(ValueError, match="clip a: expected a video"):
        video_predictions.stream_clip(FakeStream(), make_clip(frames=frames))


def test_stream_and_window_are_compared_where_both_are():
    video = make_video("a", np.zeros((5, 2, 2)))
    at_labels = make_video("a", np.full((5, 2, 2), (3.0, 4.0)))
    at_labels = ClipPredictions(
        "a", [1, 7], at_labels.predicted[:2], at_labels.scores[:2], at_labels.truth[:2], at_labels.visibility[:2]
    )
    assert video_predictions.stream_offset_px([at_labels], [video]) == 5.0


def test_jitter_is_pooled_over_all_frames_of_all_videos():
    still, shaking = np.zeros((4, 2, 2)), np.zeros((10, 2, 2))
    shaking[::2, :, 0] = 1  # second differences of 2 px
    videos = [make_video("still", still), make_video("shaking", shaking)]
    table = video_jitter.jitter_measures(videos)
    np.testing.assert_array_equal(table.counts.ravel(), [2 * 2, 8 * 2])
    np.testing.assert_allclose(table.sums.ravel(), [0, 32])
    ratio, _ = video_jitter.jitter_ratio(videos, [videos[1]])
    assert ratio == pytest.approx((32 / 20) / 2)


def test_the_ratio_of_jitters_has_a_paired_interval():
    ratio, (low, high) = video_jitter.jitter_ratio(make_videos(0.5), make_videos(1.0))
    assert ratio == pytest.approx(0.5, rel=1e-4)
    assert (low, high) == pytest.approx((0.5, 0.5), rel=1e-4)
    mixed = [make_videos(0.5)[0], *make_videos(1.0)[1:]]
    ratio, (low, high) = video_jitter.jitter_ratio(mixed, make_videos(1.0))
    assert low == pytest.approx(0.5, rel=1e-4) or low < ratio < high
    assert high <= 1.0 + 1e-4
    assert video_jitter.jitter_ratio(make_videos()[:1], make_videos()[:1])[1] == (None, None)


def test_rows_have_targets_on_the_error_and_on_the_jitter():
    calm, shaky = make_videos(0.0), make_videos(1.0)
    half = make_videos(0.5)
    predicted = {"runs/x/net": (shaky, shaky), "runs/x": (calm, half)}
    rows = {row.what: row for row in video_jitter.make_rows(predicted, SKELETON)}
    assert rows["x: mean error at 35 labelled frames"].value == pytest.approx(5, rel=1e-5)
    assert rows["net: jitter over 35 frames"].low < rows["net: jitter over 35 frames"].high
    error, jitter = rows["x − net: mean error"], rows["x / net: jitter"]
    assert (error.target, jitter.target) == ("<= 0", "<= 0.8")
    assert jitter.holds
    assert error.value == pytest.approx(5 - rows["net: mean error at 35 labelled frames"].value)
    assert error.low < error.value < error.high
    assert all(row.target is None for row in video_jitter.make_rows(predicted, SKELETON, targets=False))


def test_names_of_runs_are_as_short_as_they_can_be():
    assert video_jitter.short_names(["a/b", "a/b/frame_net"]) == {"a/b": "b", "a/b/frame_net": "frame_net"}
    assert set(video_jitter.short_names(["a/net", "b/net"]).values()) == {"a/net", "b/net"}


@pytest.mark.parametrize("argument", ["--run_dirs=", "--run_dirs=a,./a", "--run_dirs=a --figure_frames=2"])
def test_arguments_that_cannot_be_are_refused(argument, capsys):
    with pytest.raises(SystemExit):
        video_jitter.parse_arguments(argument.split())
    assert "expected" in capsys.readouterr().err


def test_labels_of_one_picture_are_found_and_compared():
    array = np.random.default_rng(0).integers(0, 255, (6, 16, 20, 3))
    array[4] = array[1]
    joints = np.zeros((3, 2, 2), np.float32)
    joints[2] = [[3, 4], [np.nan, np.nan]]
    visibility = np.where(np.isnan(joints[..., 0]), UNLABELLED, VISIBLE)
    clip = Clip("a", ArrayFrames(array), [1, 2, 4], joints, visibility)
    found = label_noise.repeated([clip, clip.select([0, 1])])
    assert list(found) == ["a"]
    np.testing.assert_allclose(found["a"], [5.0])


def test_labels_close_by_are_moved_by_flow():
    joints = np.array([[[4, 4], [8, 8]], [[10, 4], [14, 8 + 2]], [[0, 0], [0, 0]]], np.float32)
    clip = Clip("a", ArrayFrames(np.zeros((12, 16, 20, 3))), [2, 5, 11], joints, np.full((3, 2), VISIBLE))
    signs = iter([1, 1, 1, -1, -1, -1])  # 2 px to the right a frame, and back

    def estimate(target, source):
        flow = np.zeros((*target.shape[:2], 2), np.float32)
        flow[..., 0] = 2 * next(signs)
        return flow

    np.testing.assert_allclose(label_noise.tracked([clip], estimate)["a"], [0.0, 2.0], atol=1e-5)

    def inconsistent(target, source):
        return np.full((*target.shape[:2], 2), 1.0, np.float32)

    assert label_noise.tracked([clip], inconsistent) == {}
    past_end = Clip("a", clip.frames, [11, 13], joints[:2], np.full((2, 2), VISIBLE))
    assert label_noise.tracked([past_end], inconsistent) == {}


def test_label_noise_says_what_independent_labels_would_show():
    rng = np.random.default_rng(0)
    labels = rng.normal(0, 2, (100_000, 3, 2))
    distance = np.linalg.norm(labels[:, 0] - labels[:, 1], axis=-1).mean()
    error = np.linalg.norm(labels[:, 0], axis=-1).mean()
    jitter = np.linalg.norm(labels[:, 0] - 2 * labels[:, 1] + labels[:, 2], axis=-1).mean()
    assert distance * label_noise.ERROR_OF_TRUTH == pytest.approx(error, rel=0.01)
    assert distance * label_noise.JITTER_OF_LABELS == pytest.approx(jitter, rel=0.01)
    assert label_noise.interval({"a": np.ones(3)}) == (None, None)
    low, high = label_noise.interval({"a": np.ones(3), "b": 2 * np.ones(3)})
    assert (low, high) == (1.0, 2.0)


def test_the_lips_project_has_a_frame_that_was_labelled_twice(shared_data):
    clips = label_noise.open_clips(str(shared_data / "lips"), None)
    found = label_noise.repeated(clips)
    assert list(found) == ["080_aud"]
    assert 1.5 < found["080_aud"].mean() < 3


def test_the_figure_is_of_the_most_labels_and_the_liveliest_joint():
    videos = make_videos(lengths=(40, 60), labelled=(30,))
    predicted = videos[1].predicted.copy()
    predicted[:, 1, 1] += 10 * np.sin(np.arange(60))
    videos[1] = make_video("v1", predicted, labelled=(45, 50, 55))
    clip, frames, joint = video_jitter_figure.choose({"a": videos}, SKELETON, num_frames=20)
    assert (clip, joint, len(frames)) == ("v1", 1, 20)
    assert {45, 50, 55} <= set(frames)
    clip, frames, joint = video_jitter_figure.choose({"a": videos}, SKELETON, "tip", "v0", 500)
    assert (clip, joint, len(frames)) == ("v0", 0, 40)
    with pytest.raises(ValueError, match="--joint: unknown joint 'nose', expected one of tip, tail"):
        video_jitter_figure.choose({"a": videos}, SKELETON, "nose")
    with pytest.raises(ValueError, match="--figure_clip: unknown clip 'x'"):
        video_jitter_figure.choose({"a": videos}, SKELETON, clip="x")
    both = video_jitter_figure.draw({"one": videos, "two": make_videos(lengths=(40, 60))}, SKELETON, "v1", range(20), 1)
    assert both.dtype == np.uint8
    assert both.shape[2] == 3

    def blue(picture):
        return int((np.abs(picture.astype(int) - (0x00, 0x72, 0xB2)).max(-1) < 8).sum())

    assert blue(both) > 100 > blue(video_jitter_figure.draw({"one": videos}, SKELETON, "v1", range(20), 1))


def save_untrained(run_dir, **changes):
    """Writes a run whose net has not learnt anything."""
    config = TrainConfig.from_flags(run_dir=run_dir, **{**tiny.FLAGS, **changes})
    run, source = run_directory.prepare(config), selection.open_data(config.data.test_source, config)
    held_out = {clip.name: clip.labelled.tolist() for clip in source.clips}
    run_directory.begin(run, config, source.skeleton, {"train": {}, "validation": {}, "test": held_out})
    model = factory.build_net(config.model, config.window, source.skeleton.num_joints)
    rng = np.random.default_rng(0)
    model.set_weights([weight + rng.normal(0, 0.1, weight.shape) for weight in model.get_weights()])
    model.save_weights(run.weights)


def test_two_runs_are_compared_from_the_command_line(tmp_path, capsys):
    net, flowing = (str(tmp_path / name) for name in ("net", "flowing"))
    save_untrained(net)
    save_untrained(flowing, model="flowing", window=1)
    results, figure = tmp_path / "rows.json", tmp_path / "figure.png"
    video_jitter.main([f"--run_dirs={net},{flowing}", "--quick", f"--json={results}", f"--figure={figure}"])
    assert "8 frames of 2 videos" in capsys.readouterr().out
    rows = {row["what"]: row for row in json.loads(results.read_text())["rows"]}
    assert rows["flowing / net: jitter"]["value"] > 0
    assert rows["net: distance of stream and window at labelled frames"]["value"] < 0.01
    assert any(what.startswith("labels up to 4 frames apart") for what in rows)
    assert figure.stat().st_size > 5000
