"""The labels of one video."""

import numpy as np
import pytest

from keras_pose.annotating import teachers as opened
from keras_pose.annotating import video_labels
from keras_pose.annotating.config import AnnotateConfig
from tests.helpers import teachers


@pytest.fixture(scope="module")
def label(movenet_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("videos")
    path = teachers.write_clip(folder / "a.avi", 10, jumps=(4,))
    teacher = opened.open_teacher(movenet_folder)

    def run(**flags):
        config = AnnotateConfig(teacher=movenet_folder, video=path, out_dir="-", **flags)
        return video_labels.label_video(teacher, [0, 1, 15], path, config, str(folder / "parts"))

    return run


def test_a_jump_is_thrown_out_and_low_scores_are_not_labelled(label):
    labels, counts = label()
    assert labels.weights[4, 0] == 0
    assert (np.delete(labels.weights[:, 0], 4) > 0.3).all()
    np.testing.assert_array_equal(labels.weights[:, 2], 0)
    np.testing.assert_allclose(labels.joints[3, 0], teachers.spot_positions(4)[3], atol=1.5)
    assert counts["frames"] == 10
    assert counts["confident_per_joint"] == [10, 10, 0]


def test_every_other_frame_and_no_comparison(label):
    labels, _ = label(every=2, agree_frames=0)
    assert labels.frames.tolist() == [0, 2, 4, 6, 8]
    np.testing.assert_allclose(labels.weights[:, :2], labels.confidences[:, :2])
    np.testing.assert_array_equal(labels.agreement, 1)


def test_a_region_is_looked_at(label):
    labels, _ = label(region="0,20,80,60")
    np.testing.assert_allclose(labels.joints[3, 0], teachers.spot_positions(4)[3], atol=1.5)


def test_labels_are_written_without_loss_and_alike(label, tmp_path):
    labels, _ = label()
    for name in ("a.npz", "b.npz"):
        video_labels.write(str(tmp_path / name), labels)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = video_labels.read(tmp_path / "a.npz")
    for name in ("frames", "joints", "scores", "confidences", "agreement", "weights"):
        np.testing.assert_array_equal(getattr(again, name), getattr(labels, name))
    np.savez(tmp_path / "c.npz", other=np.zeros(1))
    with pytest.raises(ValueError, match=r"c\.npz: expected labels of a video"):
        video_labels.read(tmp_path / "c.npz")
