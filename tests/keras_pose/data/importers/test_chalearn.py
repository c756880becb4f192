"""ChaLearn 2013 as clips, from small folders of its structure."""

import numpy as np
import pytest
import scipy.io

from keras_pose.data import selection
from keras_pose.data.clip import UNLABELLED
from keras_pose.data.config import DataConfig
from keras_pose.data.open_source import open_source
from tests.helpers import research_folders


@pytest.fixture
def folder(tmp_path):
    return research_folders.write_chalearn(tmp_path / "chalearn")


def test_labels_frames_and_parts(folder):
    source = open_source(folder)
    assert [(clip.name, clip.part) for clip in source.clips] == [
        ("Sample00001", "train"),
        ("Sample00410", "validation"),
        ("Sample00700", "test"),
    ]
    joints = source.skeleton.joints
    assert {"head", "neck", "pelvis", "left_wrist", "right_hand"} <= set(joints)
    assert len(source.skeleton.flip_pairs) == 8
    clip = source.clips[0]
    assert clip.labelled.tolist() == [1, 2, 3, 4]
    assert clip.frames.num_frames == 5
    points = research_folders.spread(5, 20)[1:]
    for name, joint in (("Head", "head"), ("WristRight", "right_wrist"), ("FootRight", "right_foot")):
        np.testing.assert_allclose(
            clip.joints[:, joints.index(joint)], points[:, research_folders.KINECT.index(name)], rtol=1e-6
        )
    assert clip.visibility[3, joints.index("left_foot")] == UNLABELLED
    assert source.summary.startswith("3 of 15 frames without a tracked person are not used; 3 of 240 labelled joints")


def test_samples_may_lie_in_the_folder_itself(tmp_path):
    research_folders.write_chalearn(tmp_path, [("", 7)])
    assert [(clip.name, clip.part) for clip in open_source(tmp_path).clips] == [("Sample00007", "")]


def test_missing_files_are_named_with_their_place(folder):
    (folder / "train" / "Sample00001" / "Sample00001_color.mp4").unlink()
    with pytest.raises(ValueError, match=r"Sample00001_color.mp4: missing; unpack Sample00001.zip into .*Sample00001"):
        selection.open_data(str(folder), DataConfig())
    assert len(selection.open_data(str(folder), DataConfig(on_bad_label="skip")).clips) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"NumFrames": 4.0}, "Video.Frames: expected 4 as Video.NumFrames says, found 1"),
        ({"Frames": research_folders.struct_array([{"RGB": 1.0}])}, r"Video.Frames\(1\): expected the field Skeleton"),
        ({"Frames": 3.0}, "Video.Frames: expected structs, found numbers"),
    ],
)
def test_another_structure_is_a_problem(tmp_path, change, message):
    research_folders.write_chalearn(tmp_path, [("", 7)])
    video = {"NumFrames": 1.0, "Frames": research_folders.struct_array([{"Skeleton": {"PixelPosition": 1.0}}])}
    path = tmp_path / "Sample00007" / "Sample00007_data.mat"
    scipy.io.savemat(path, {"Video": {**video, **change}})
    with pytest.raises(ValueError, match=message):
        open_source(tmp_path)


def test_joints_of_another_name_are_refused(tmp_path):
    research_folders.write_chalearn(tmp_path, [("", 7)])
    skeleton = {"PixelPosition": np.ones((20, 2)), "JointType": research_folders.cells(["Tail"] * 20, column=True)}
    video = {"NumFrames": 1.0, "Frames": research_folders.struct_array([{"Skeleton": skeleton}])}
    scipy.io.savemat(tmp_path / "Sample00007" / "Sample00007_data.mat", {"Video": video})
    with pytest.raises(ValueError, match=r"Video.Frames\(1\).JointType: expected 20 names such as HandLeft, found"):
        open_source(tmp_path)
