"""Heatmaps of clips, kept on disk."""

import numpy as np
import pytest
import tensorflow as tf

from examples.gestures import clips, pose_maps
from tests.helpers import gesture_clips, serving_export


class CountingPose:
    """Replaces `PoseModel`: its maps are the brightness of a frame; counts its calls."""

    def __init__(self, identity):
        self.identity = identity
        self.calls = 0

    def heatmaps(self, frames):
        self.calls += 1
        bright = tf.reduce_mean(tf.cast(frames, tf.float32), [1, 2, 3], keepdims=True) / 255
        return {"heatmaps": tf.tile(bright, [1, 2, 2, 1])}


def test_maps_are_computed_once_for_each_net_and_clip(tmp_path):
    gesture_clips.save_clip(tmp_path, "a.npz", 51)
    gesture_clips.save_clip(tmp_path, "b.npz", 102)
    listed = [clips.LabelledClip(str(tmp_path / name), "x") for name in ("a.npz", "b.npz")]
    cache = str(tmp_path / "maps")
    pose = CountingPose("net")
    first = pose_maps.compute_maps(pose, listed, cache)
    assert first.shape == (2, 3, 2, 2, 1)
    np.testing.assert_allclose(first[:, 0, 0, 0, 0], [0.2, 0.4], atol=1e-3)
    np.testing.assert_array_equal(pose_maps.compute_maps(pose, listed, cache), first)
    assert pose.calls == 2
    gesture_clips.save_clip(tmp_path, "b.npz", 153)
    np.testing.assert_allclose(pose_maps.compute_maps(pose, listed, cache)[1, 0, 0, 0, 0], 0.6, atol=1e-3)
    assert pose.calls == 3
    other = CountingPose("another net")
    pose_maps.compute_maps(other, listed, cache)
    assert other.calls == 2


def test_maps_that_cannot_be_saved_leave_no_file(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("no space left")

    gesture_clips.save_clip(tmp_path)
    monkeypatch.setattr(pose_maps.np, "save", fail)
    listed = [clips.LabelledClip(str(tmp_path / "a.npz"), "x")]
    with pytest.raises(OSError, match="no space left"):
        pose_maps.compute_maps(CountingPose("net"), listed, str(tmp_path / "maps"))
    assert list((tmp_path / "maps").iterdir()) == []


def test_refuses_a_folder_without_a_model_and_a_model_without_heatmaps(tmp_path):
    with pytest.raises(ValueError, match=r"--pose_model: expected the folder of a SavedModel.*nowhere"):
        pose_maps.PoseModel(str(tmp_path / "nowhere"))
    serving_export.write_numbered(tmp_path / "numbered", 1)
    with pytest.raises(ValueError, match="--pose_model: expected a signature heatmaps.*serving_default"):
        pose_maps.PoseModel(str(tmp_path / "numbered"))


def test_refuses_clips_of_different_lengths(tmp_path):
    gesture_clips.save_clip(tmp_path, "a.npz", num_frames=3)
    gesture_clips.save_clip(tmp_path, "b.npz", num_frames=4)
    listed = [clips.LabelledClip(str(tmp_path / name), "up") for name in ("a.npz", "b.npz")]
    with pytest.raises(ValueError, match=r"b\.npz: expected 3 frames as in .*a\.npz, received 4"):
        pose_maps.compute_maps(CountingPose("net"), listed, str(tmp_path / "maps"))
