"""An export behind the interface of `keras_pose.load`: what is sent to it, and what it must be."""

import json
import pathlib

import cv2
import numpy as np
import pytest
import tensorflow as tf

import keras_pose
from keras_pose.exporting import exporter
from keras_pose.exporting.config import ExportConfig
from keras_pose.inference import exported_model
from keras_pose.inference.exported_model import ExportedModel
from keras_pose.inference.pose_model import Poses
from keras_pose.media.video import VideoFrames
from tests.helpers import coded_videos
from tests.helpers.calibrations import write_calibration
from tests.helpers.exported_runs import write_run


@pytest.fixture(scope="module")
def pooling_model(tmp_path_factory):
    """An export whose windows reach 2 frames to each side."""
    folder = tmp_path_factory.mktemp("pooling")
    write_run(folder / "run", model="flowing", window=1, frame_stride=2, flow="none", pooling="sum")
    return ExportedModel(exporter.export(ExportConfig(run_dir=str(folder / "run")), echo=lambda _: None))


def noise(count, size_hw=(64, 64)):
    return np.random.default_rng(0).integers(0, 256, (count, *size_hw, 3)).astype(np.uint8)


def test_chunks_of_a_long_video_see_their_neighbours(pooling_model, monkeypatch):
    frames = noise(11)
    whole = pooling_model.predict(frames)
    monkeypatch.setattr(exported_model, "_CHUNK", 3)
    parts = pooling_model.predict(frames)
    np.testing.assert_allclose(parts.joints, whole.joints, atol=1e-3)
    np.testing.assert_allclose(parts.scores, whole.scores, atol=1e-5)


def test_a_frame_alone_differs_from_the_frame_in_its_window(pooling_model):
    frames = noise(5)
    alone = pooling_model.predict(frames[2:3]).scores[0]
    assert np.abs(pooling_model.predict(frames).scores[2] - alone).max() > 1e-3


def test_the_skeleton_travels_with_the_export(pooling_model):
    assert pooling_model.skeleton.joints[0] == "head"
    assert pooling_model.skeleton.flip_pairs


def test_another_saved_model_is_refused(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path / "other"))
    with pytest.raises(ValueError, match="other: expected an export of keras_pose, found no signature describe"):
        ExportedModel(str(tmp_path / "other"))


def test_a_video_is_sent_in_chunks_with_their_neighbours(pooling_model, monkeypatch):
    """Every frame is predicted from its whole window, as in `predict`, but few frames are sent twice."""
    frames = noise(11)
    expected = pooling_model.predict(frames)
    monkeypatch.setattr(exported_model, "_CHUNK", 3)
    sent = []
    predict_chunk = pooling_model._predict_chunk
    monkeypatch.setattr(
        pooling_model, "_predict_chunk", lambda kept, *place: sent.append(len(kept)) or predict_chunk(kept, *place)
    )
    poses = list(pooling_model._predict_in_order(frames))
    assert [pose.frame for pose in poses] == list(range(11))
    np.testing.assert_allclose([pose.joints for pose in poses], expected.joints, atol=1e-3)
    assert max(sent) <= 3 + 2 * 2
    assert len(sent) == 4


def test_frames_before_one_that_cannot_be_read_are_predicted_first(pooling_model):
    def frames():
        yield from noise(5)
        raise ValueError("clip.mp4: cannot read frame 5")

    poses = pooling_model._predict_in_order(frames())
    assert [next(poses).frame for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="cannot read frame 5"):
        next(poses)


def test_an_export_gives_no_modes(pooling_model):
    with pytest.raises(ValueError, match="predict_modes: expected a run of a net with heatmaps"):
        pooling_model.predict_modes(noise(1))


@pytest.mark.parametrize("missing", [{0}, {3, 4, 5, 6}, {10}, set(range(11))])
def test_frames_that_were_not_decoded_end_windows_and_keep_their_numbers(pooling_model, monkeypatch, missing):
    monkeypatch.setattr(exported_model, "_CHUNK", 3)
    frames = noise(11)
    poses = list(pooling_model._predict_in_order(None if i in missing else f for i, f in enumerate(frames)))
    assert [pose.frame for pose in poses] == list(range(11))
    assert {pose.frame for pose in poses if not pose.decoded} == missing
    assert all(np.isnan(poses[i].joints).all() and not poses[i].scores.any() for i in missing)
    streamed = pooling_model.stream().predict(None if i in missing else f for i, f in enumerate(frames))
    for pose, expected in zip(poses, streamed):
        np.testing.assert_allclose(pose.joints, expected.joints, atol=1e-3)
        assert pose.decoded == expected.decoded


@pytest.mark.slow
def test_an_export_has_the_calibration_of_its_run(tmp_path, pooling_model):
    write_run(tmp_path / "run")
    calibration = write_calibration(tmp_path / "run")
    version = exporter.export(ExportConfig(run_dir=str(tmp_path / "run")), echo=lambda _: None)
    model = ExportedModel(version)
    assert model.calibration == calibration
    assert pooling_model.calibration is None
    # Its answers have what the calibration says of their scores.
    signatures = tf.saved_model.load(version).signatures
    frames = noise(3, (96, 120))
    answer = {name: value.numpy() for name, value in signatures["predict_frames"](frames=tf.constant(frames)).items()}
    assert set(answer) == {"keypoints", "scores", "valid", "confidences", "expected_errors_px"}
    valid = answer["valid"]
    assert valid.any()
    expected = np.where(valid, calibration.probabilities(answer["scores"]), 0)
    np.testing.assert_allclose(answer["confidences"], expected, atol=1e-6)
    expected = np.where(valid, 120 * calibration.expected_errors(answer["scores"]), 0)
    np.testing.assert_allclose(answer["expected_errors_px"], expected, rtol=1e-4)
    images = tf.constant([cv2.imencode(".png", frames[0])[1].tobytes(), b"no image"])
    regions = tf.constant([[10.0, 10, 50, 40], [0, 0, 0, 0]])
    answer = signatures["predict_regions"](image_bytes=images, regions=regions)
    expected = np.where(answer["valid"][0], 50 * calibration.expected_errors(answer["scores"][0]), 0)
    np.testing.assert_allclose(answer["expected_errors_px"][0], expected, rtol=1e-4)
    assert not answer["confidences"][1].numpy().any()
    clip = signatures["predict_clip"](frames_bytes=images[None])
    assert clip["confidences"].shape == clip["scores"].shape == (1, 2, 7)
    # The card says what they mean.
    card = json.loads((pathlib.Path(version) / "assets" / "model_card.json").read_text())
    assert card["calibration"] == calibration.describe_fit()
    assert {"confidences", "expected_errors_px"} <= set(card["meaning"])


@pytest.fixture(scope="module")
def timed_models(tmp_path_factory):
    """A run and its export, whose windows reach 0.4 s to each side."""
    flags = {"model": "flowing", "window": 2, "window_seconds": 0.4, "flow": "none", "pooling": "sum"}
    run = write_run(tmp_path_factory.mktemp("timed") / "run", **flags)[2]
    return keras_pose.load(run), ExportedModel(exporter.export(ExportConfig(run_dir=run), echo=lambda _: None))


@pytest.mark.parametrize("frame_rate", [30.0, 15.0, 4.0, 1.0])
def test_windows_streams_and_exports_agree_at_each_rate(timed_models, frame_rate):
    frames = noise(20)
    run, export = timed_models
    expected = run.predict(frames, frame_rate)
    found = [export.predict(frames, frame_rate)]
    for model in timed_models:
        assert model.window_reach(frame_rate) == run.window_reach(frame_rate)
        poses = list(model.stream(frame_rate=frame_rate).predict(frames))
        found.append(Poses(np.stack([p.joints for p in poses]), np.stack([p.scores for p in poses])))
    seen = expected.scores > 1e-3  # an export puts other joints at 0
    assert seen.any()
    for poses in found:
        np.testing.assert_allclose(np.clip(poses.scores, 0, 1), np.clip(expected.scores, 0, 1), atol=1e-4)
        np.testing.assert_allclose(poses.joints[seen], expected.joints[seen], atol=1e-2)


@pytest.mark.parametrize("which", [0, 1], ids=["run", "export"])
def test_the_same_movement_has_the_same_poses_at_half_the_rate(timed_models, which):
    frames = noise(25)
    model = timed_models[which]
    at_30 = model.predict(frames, 30.0)
    np.testing.assert_allclose(model.predict(frames[::2], 15.0).joints, at_30.joints[::2], atol=1e-3)
    # Windows of as many frames reach twice as far in time.
    assert np.abs(model.predict(frames[::2], 30.0).scores - at_30.scores[::2]).max() > 1e-3


def test_a_video_is_predicted_at_its_own_rate(timed_models, tmp_path):
    path = coded_videos.write_numbered(tmp_path / "a.mp4", 12)  # of 25 frames/s
    for model in timed_models:
        poses = list(model.predict_video(path))
        frames = [frame for _, frame in VideoFrames(path).numbered()]
        expected = model.predict(frames, 25.0)
        np.testing.assert_allclose([pose.scores for pose in poses], expected.scores, atol=1e-4)


def test_an_unknown_rate_is_assumed_with_a_warning(timed_models):
    frames = noise(14)
    for model in timed_models:
        with pytest.warns(UserWarning, match="frame rate is unknown: 30 frames/s are assumed for windows of 0.4 s"):
            assumed = model.predict(frames)
        np.testing.assert_array_equal(assumed.joints, model.predict(frames, 30.0).joints)


@pytest.mark.parametrize("frame_rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(timed_models, frame_rate):
    for model in timed_models:
        with pytest.raises(ValueError, match="frame_rate: expected frames per second, or 0 if unknown, received"):
            model.stream(frame_rate=frame_rate)


def test_windows_in_frames_are_the_same_at_any_rate(pooling_model):
    frames = noise(9)
    expected = pooling_model.predict(frames)
    np.testing.assert_array_equal(pooling_model.predict(frames, 12.0).joints, expected.joints)
