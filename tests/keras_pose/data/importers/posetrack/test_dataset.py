"""PoseTrack18 as a source: videos of pictures with neighbours in time, and downloads that lack something."""

import json
import shutil

import numpy as np
import pytest

from keras_pose.data import validation
from keras_pose.data.importers.posetrack import dataset
from keras_pose.data.open_source import open_source
from tests.helpers import picture_sets
from tests.helpers.picture_sets import posetrack_video


@pytest.fixture
def folder(tmp_path):
    videos = [posetrack_video("000001_bonn_train", "train"), posetrack_video("000342_mpii_test", people=2)]
    return picture_sets.write_posetrack(tmp_path, videos)


def test_every_video_is_a_clip_with_neighbours_in_time(folder):
    source = validation.validate(open_source(folder))
    found = {clip.name: (clip.part, clip.labelled.tolist(), clip.frames.num_frames) for clip in source.clips}
    assert found == {"000001_bonn_train": ("train", [0, 2], 4), "000342_mpii_test": ("test", [0, 2], 4)}
    clip = source.clips[0]
    levels = np.abs(clip.read_window(1, (-1, 0, 1))[:, 5, 5, 0].astype(int) - [10, 20, 30])
    assert levels.max() <= 1
    assert source.skeleton.joints[:3] == ("nose", "neck", "head_top")
    assert set(clip.landmarks) == {"head_box_top_left", "head_box_bottom_right"}
    assert any("4 labelled frames have regions with people without labels" in note for note in source.notes)


def test_the_largest_person_is_read_and_the_others_are_counted(folder):
    source = dataset.read(folder)
    assert "read 4 of 6 annotations in 4 images; left out: 2 of smaller people" in source.summary
    assert source.clips[1].origins[0].endswith("000342_mpii_test.json: annotation 34200001")


def test_a_file_finds_its_pictures_from_its_place(folder):
    source = open_source(folder / "annotations" / "val" / "000342_mpii_test.json")
    assert [clip.name for clip in source.clips] == ["000342_mpii_test"]


def test_missing_videos_and_pictures_are_counted(folder):
    shutil.rmtree(folder / "images" / "train")
    (folder / "images" / "val" / "000342_mpii_test" / "000002.jpg").unlink()
    source = dataset.read(folder)
    assert "2 whose video has no folder of pictures" in source.summary
    assert "2 whose picture is not in" in source.summary
    assert [clip.labelled.tolist() for clip in source.clips] == [[0]]
    assert validation.validate(source).clips[0].frames.missing == {2}


def test_a_set_without_pictures_names_a_folder_and_takes_another(folder):
    (folder / "images").rename(folder / "pictures")
    with pytest.raises(ValueError, match=f"pictures of a video in {folder}/images/train/000001_bonn_train/"):
        dataset.read(folder)
    assert len(dataset.read(folder, image_dir=str(folder / "pictures")).clips) == 2


def test_labels_of_another_size_are_problems(folder):
    path = folder / "annotations" / "train" / "000001_bonn_train.json"
    content = json.loads(path.read_text())
    for image in content["images"]:
        image["height"] = 96
    path.write_text(json.dumps(content))
    source = dataset.read(folder)
    assert [clip.name for clip in source.clips] == ["000342_mpii_test"]
    assert "96×72 px (height×width) as the labels state, found 48×72" in source.problems[0].message


def test_other_folders_and_damaged_labels_are_refused(folder, tmp_path_factory):
    with pytest.raises(ValueError, match="expected PoseTrack18"):
        dataset.read(tmp_path_factory.mktemp("empty"))
    path = folder / "annotations" / "train" / "000001_bonn_train.json"
    path.write_text(path.read_text()[:-20])
    with pytest.raises(ValueError, match="000001_bonn_train.json: expected JSON"):
        dataset.read(folder)


def test_the_published_samples_are_read(shared_data):
    folder = shared_data / "annotation_files" / "mmpose_samples" / "tests" / "data" / "posetrack18"
    source = validation.validate(open_source(folder), outside="unlabel")
    assert sorted(clip.name for clip in source.clips) == ["003418_mpii_test", "009473_mpii_test", "012834_mpii_test"]
    assert "read 3 of 14 annotations" in source.summary
    # The labels of the man in the foreground: nose in front of the neck, top of the head above both.
    clip = next(clip for clip in source.clips if clip.name == "003418_mpii_test")
    nose, neck, top = clip.joints[0, :3]
    assert top[1] < nose[1] < neck[1]


def test_a_set_whose_folders_of_pictures_are_empty_says_so(folder):
    for path in folder.glob("images/*/*/*"):
        path.unlink()
    with pytest.raises(ValueError, match=r"none of the videos of 2 files can be used: .*images/.*expected the frames"):
        open_source(folder)


def test_videos_whose_labels_are_missing_are_told(folder):
    (folder / "annotations/train/000001_bonn_train.json").unlink()
    source = open_source(folder)
    [note] = [note for note in source.notes if "no labels" in note]
    assert note.endswith(f"not used; expected {folder}/annotations/train/000001_bonn_train.json")
