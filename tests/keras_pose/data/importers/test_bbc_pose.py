"""BBC Pose as clips, from small folders of its structure."""

import shutil

import numpy as np
import pytest
import scipy.io

from keras_pose.data import selection
from keras_pose.data.config import DataConfig
from keras_pose.data.open_source import open_source
from keras_pose.skeleton import UPPER_BODY
from tests.helpers import research_folders


@pytest.mark.parametrize("place", ["bbcpose.mat", "code/bbcpose.mat"])
def test_labels_frames_and_parts(tmp_path, place):
    source = open_source(research_folders.write_bbc_pose(tmp_path, place=place))
    assert source.skeleton.joints == UPPER_BODY.joints
    assert source.skeleton.flip_pairs
    train, validation, test, extended = source.clips
    assert [clip.part for clip in source.clips] == ["train", "validation", "test", "train"]
    assert [clip.name for clip in source.clips] == ["1", "2", "3", "21"]
    # Frames 4, 2, 3 of the file, in rising order.
    assert train.labelled.tolist() == [1, 2, 3]
    expected = research_folders.spread(3, 7) - 1
    np.testing.assert_allclose(train.joints, expected[[1, 2, 0]])
    assert train.origins[0].endswith("bbcpose(1).train_joints(2)")
    assert train.frames.num_frames == 5
    assert train.frames.read([3])[0, 0, 0, 0] == 160
    # Test videos have labels by hand.
    assert test.labelled.tolist() == [1, 4]
    np.testing.assert_allclose(test.joints, research_folders.spread(2, 7, 9.0) - 1)
    assert (extended.weights == np.float32(0.3)).all()
    assert (train.weights == 1).all()
    assert source.summary.startswith("17 of 21 videos have no frames here")


def test_splits_without_and_with_the_extended_set(tmp_path):
    research_folders.write_bbc_pose(tmp_path, numbers=(*range(1, 22),))
    assert [len(open_source(tmp_path, split=name).clips) for name in ("", "short", "extended")] == [20, 20, 21]
    config = DataConfig(source=str(tmp_path), split="authors:extended")
    split = selection.split_data(selection.open_data(config.source, config), config)
    assert [clip.name for clip in split.test] == ["3"]
    assert [clip.name for clip in split.validation] == ["2"]
    assert len(split.train) == 19


def test_frames_of_a_split_must_be_there(tmp_path):
    research_folders.write_bbc_pose(tmp_path, numbers=(1, 2, 3))
    shutil.rmtree(tmp_path / "2")
    with pytest.raises(ValueError, match="the frames of video 2 are missing; they belong in .*2/1.jpg"):
        selection.open_data(str(tmp_path), DataConfig(split="authors"))
    assert len(selection.open_data(str(tmp_path), DataConfig()).clips) == 2


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("type", "training", r"bbcpose\(1\).type: expected train, val or test, found 'training'"),
        (
            "train_joints",
            np.ones((2, 6, 3)),
            r"train_joints: expected numbers \[2 x 7 x 3\], found numbers \[2 x 6 x 3",
        ),
        ("train_frames", np.zeros((0, 0)), r"expected numbers \[2 x 7 x 0\]"),
        ("train_joints", None, r"bbcpose\(1\): expected the field train_joints, found"),
    ],
)
def test_another_structure_is_a_problem(tmp_path, field, value, message):
    research_folders.write_bbc_pose(tmp_path, numbers=(1, 2, 3))
    array = scipy.io.loadmat(tmp_path / "bbcpose.mat")["bbcpose"]
    rows = [{name: array[0, i][name] for name in array.dtype.names} for i in range(3)]
    for row in rows:
        row.pop(field)
        if value is not None:
            row[field] = value
    scipy.io.savemat(tmp_path / "bbcpose.mat", {"bbcpose": research_folders.struct_array(rows)})
    with pytest.raises(ValueError, match=message):
        selection.open_data(str(tmp_path), DataConfig())


def test_labels_without_a_picture_are_reported(tmp_path):
    research_folders.write_bbc_pose(tmp_path, numbers=(1, 2, 3))
    (tmp_path / "1" / "3.jpg").unlink()
    with pytest.raises(ValueError, match=r"train_joints\(3\): frame 2 has no picture"):
        selection.open_data(str(tmp_path), DataConfig())
