"""JABS pose files made by hand: points are (y, x) in the file."""

import numpy as np
import pytest

from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.data.open_source import open_source
from tests.helpers import sleap_labels


@pytest.mark.parametrize("version", [2, 4])
def test_poses_of_all_frames_are_read(tmp_path, version):
    sleap_labels.write_clip(tmp_path, "mouse.avi")
    path = tmp_path / f"mouse_pose_est_v{version}.h5"
    sleap_labels.write_jabs(path, version)
    source = open_source(path)
    assert source.skeleton.joints[:3] == ("NOSE", "LEFT_EAR", "RIGHT_EAR")
    assert ("LEFT_EAR", "RIGHT_EAR") in source.skeleton.flip_pairs
    (clip,) = source.clips
    assert clip.num_labelled == 8
    assert clip.frames.num_frames == 8
    np.testing.assert_allclose(clip.joints[3, 2], [2 * 2 + 3, 3 * 2 + 1])
    np.testing.assert_array_equal(clip.visibility[0], [VISIBLE] * 11 + [UNLABELLED])
    np.testing.assert_allclose(clip.weights, 0.5)
    assert any("predictions of a net" in note for note in source.notes)
    assert ("smaller people" in source.summary) == (version == 4)


def test_a_damaged_file_and_a_missing_video_are_refused(tmp_path):
    path = tmp_path / "mouse_pose_est_v2.h5"
    sleap_labels.write_jabs(path)
    with pytest.raises(ValueError, match=r"none of its 1 images and videos was found: expected 'mouse.avi' in "):
        open_source(path)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(ValueError, match=r"mouse_pose_est_v2.h5: expected JABS poses, but it cannot be read"):
        open_source(path)
