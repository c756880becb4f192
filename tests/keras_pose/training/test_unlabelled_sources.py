"""What --unlabelled may name: neighbours, videos in many forms, sources whose labels are ignored."""

import os

import numpy as np
import pytest

from keras_pose.data.config import DataConfig
from keras_pose.training import unlabelled_sources
from tests.helpers import blob_net, jhmdb_folders, real_videos
from tests.helpers.random_clips import SeparateImages, make_clip

TRAIN = [blob_net.make_moving_clip("a"), make_clip("pictures", frames=SeparateImages)]


@pytest.fixture
def videos(tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    for name in ("one", "two"):
        real_videos.write(folder / f"{name}.avi", [blob_net.draw([(20, 20, 1.0)])] * 3, "mjpeg")
    (folder / "notes.md").write_text("no video")
    return folder


def open_names(spec, train=TRAIN):
    return [clip.name for clip in unlabelled_sources.open_clips(str(spec), train, DataConfig())]


def test_neighbours_are_the_videos_of_training_clips_without_their_labels():
    (clip,) = unlabelled_sources.open_clips("neighbours", TRAIN, DataConfig())
    assert clip.name == "unlabelled/a"
    assert clip.group == "a"
    assert clip.source == "unlabelled"
    assert (clip.num_labelled, clip.joints.shape) == (0, (0, 1, 2))
    assert clip.frames is TRAIN[0].frames


@pytest.mark.filterwarnings("ignore:.*no video")
def test_videos_are_named_as_for_predict(videos, tmp_path):
    assert open_names(videos) == ["unlabelled/one", "unlabelled/two"]
    assert open_names(videos / "two.avi") == ["unlabelled/two"]
    assert open_names(videos / "*.avi") == ["unlabelled/one", "unlabelled/two"]
    (tmp_path / "list.txt").write_text("videos/one.avi\n")
    assert open_names(tmp_path / "list.txt") == ["unlabelled/one"]
    assert open_names(f"{videos / 'two.avi'},{videos / 'one.avi'}") == ["unlabelled/two", "unlabelled/one"]


def test_videos_of_one_name_in_two_folders_are_two_clips(videos):
    other = videos / "more"
    other.mkdir()
    os.symlink(videos / "one.avi", other / "one.avi")
    names = open_names(f"{videos / 'one.avi'},{other / 'one.avi'}")
    assert len(set(names)) == 2


def test_a_source_of_data_gives_its_clips_and_their_groups(tmp_path):
    root = jhmdb_folders.write(tmp_path, pictures=False)
    clips = unlabelled_sources.open_clips(str(root), TRAIN, DataConfig())
    films = ("Big_Film", "Big_Film", "Hello_[@]_wave")
    expected = {f"unlabelled/{name}": film for name, film in zip(jhmdb_folders.CLIPS, films)}
    assert {clip.name: clip.group for clip in clips} == expected
    assert all(clip.num_labelled == 0 and clip.joints.shape[1] == 1 for clip in clips)


def test_frames_with_labels_are_not_free():
    (clip,) = unlabelled_sources.open_clips("neighbours", TRAIN, DataConfig())
    two = [TRAIN[0], blob_net.make_moving_clip("other", labelled=(3,))]
    np.testing.assert_array_equal(unlabelled_sources.free_positions(clip, two), np.arange(1, 12))


def test_what_does_not_exist_is_refused_with_the_flag(tmp_path):
    unlabelled_sources.check_exists("neighbours")
    for check in (unlabelled_sources.check_exists, open_names):
        with pytest.raises(ValueError, match="--unlabelled: .*nowhere: expected a video, a folder"):
            check(str(tmp_path / "nowhere"))


def test_the_file_of_a_clip_is_its_real_path(videos):
    os.symlink(videos / "one.avi", videos / "linked.avi")
    (clip,) = unlabelled_sources.open_clips(str(videos / "linked.avi"), TRAIN, DataConfig())
    assert unlabelled_sources.file_of(clip) == os.path.realpath(videos / "one.avi")
    assert unlabelled_sources.file_of(TRAIN[0]) == ""
