"""NWB files that sleap-io wrote."""

import numpy as np
import pytest

from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.data.open_source import open_source
from tests.helpers import sleap_labels
from tests.helpers.sleap_labels import FRAMES, JOINTS, points_of, sio


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nwb")
    labels = sleap_labels.make_labels(sleap_labels.write_clip(folder))
    labels.labeled_frames.pop()
    sio.save_nwb(labels, str(folder / "labels.nwb"), nwb_format="annotations")
    return folder


def test_training_poses_are_labels(folder):
    source = open_source(folder / "labels.nwb")
    assert source.skeleton.joints == JOINTS
    assert source.skeleton.flip_pairs == (("left_ear", "right_ear"),)
    (clip,) = source.clips
    assert clip.name == "clip"
    np.testing.assert_array_equal(clip.labelled, FRAMES[:2])
    np.testing.assert_array_equal(clip.visibility[:, :3], [[VISIBLE, VISIBLE, UNLABELLED]] * 2)
    np.testing.assert_allclose(clip.joints[0, :2], points_of(FRAMES[0])[:2, :2], atol=1e-4)


def test_predictions_alone_are_refused(folder, tmp_path):
    labels = sleap_labels.make_labels(str(folder / "clip.avi"), frames=(0,))
    sio.save_nwb(labels, str(tmp_path / "p.nwb"), nwb_format="predictions")
    with pytest.raises(ValueError, match="p.nwb: expected labels of a person, found only predictions"):
        open_source(tmp_path / "p.nwb")


def test_damaged_files_are_refused(folder, tmp_path):
    data = (folder / "labels.nwb").read_bytes()
    (tmp_path / "cut.nwb").write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match="cut.nwb: expected an NWB file with poses"):
        open_source(tmp_path / "cut.nwb")
