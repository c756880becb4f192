"""The small project to try everything with is one that everything else can read."""

import os

import numpy as np
import pytest

from examples import signer_project
from keras_pose.data.open_source import open_source
from keras_pose.data.synthetic import signers
from keras_pose.media.video import VideoFrames

SIZES = ("--num_videos=2", "--num_frames=6", "--num_labels=2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signers")
    signer_project.main([f"--out={folder}", *SIZES])
    return folder


def find_frame(picture, clip):
    """The number of the most similar frame of a clip."""
    return int(np.abs(clip.frames.astype(int) - picture).mean((1, 2, 3)).argmin())


def test_the_labels_are_where_the_signer_is(folder):
    source = open_source(str(folder / "project"))
    [clip] = source.clips
    assert source.skeleton.joints == signers.SKELETON.joints
    assert clip.name == "signer_1"
    assert clip.labelled.tolist() == [1, 4]
    truth = signers.generate("test", 0, 12, (192, 192))
    np.testing.assert_allclose(clip.joints, truth.joints[[1, 4]], atol=0.006)
    assert find_frame(clip.frames.read([4])[0], truth) == 4


def test_the_labels_lie_in_the_videos(folder):
    [clip] = open_source(str(folder / "project")).clips
    assert clip.frames.num_frames == 6


def test_the_last_video_goes_on_and_has_no_labels(folder):
    truth = signers.generate("test", 0, 12, (192, 192))
    video = VideoFrames(folder / "videos" / "signer_2.mp4")
    assert video.num_frames == 6
    assert video.fps == pytest.approx(25)
    assert [find_frame(frame, truth) for frame in video.read([0, 5])] == [6, 11]
    video.close()
    assert os.listdir(folder / "project" / "labeled-data") == ["signer_1"]


def test_the_same_command_writes_the_same_files(folder, tmp_path):
    signer_project.main([f"--out={tmp_path}", *SIZES])
    for name in ("videos/signer_1.mp4", "project/labeled-data/signer_1/CollectedData_me.csv"):
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize(("flag", "expected"), [("--num_labels=7", "1 to 6"), ("--num_videos=1", "at least 2")])
def test_numbers_that_do_not_fit_are_refused(tmp_path, flag, expected):
    with pytest.raises(SystemExit, match=expected):
        signer_project.main([f"--out={tmp_path}", *SIZES, flag])
