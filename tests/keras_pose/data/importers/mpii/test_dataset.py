"""MPII as a source: videos, parts, people, and downloads that lack something."""

import numpy as np
import pytest

from keras_pose.data.config import DataConfig
from keras_pose.data.importers.mpii import dataset
from keras_pose.data.open_source import open_source
from keras_pose.data.selection import open_data
from tests.helpers import picture_sets
from tests.helpers.picture_sets import MPII_JOINTS, mpii_person, mpii_point

POINTS = [mpii_point(j, *MPII_JOINTS[j], 1.0) for j in range(16)]


@pytest.fixture
def official(tmp_path):
    small = mpii_person(POINTS, scale=0.1)
    pictures = [
        ("a.jpg", 3.0, [small, mpii_person(POINTS[:4])]),
        ("b.jpg", 3.0, [mpii_person(POINTS)]),
        ("c.jpg", 4.0, [mpii_person(POINTS)]),
        ("d.jpg", np.zeros((0, 0)), [{"x1": 1.0}]),
    ]
    picture_sets.write_mpii_release(tmp_path, pictures)
    for name, size_hw in (("a.jpg", (48, 72)), ("b.jpg", (60, 80)), ("c.jpg", (48, 72))):
        picture_sets.write_picture(tmp_path / "images" / name, size_hw=size_hw)
    return tmp_path


def test_pictures_of_a_video_are_one_session_of_any_sizes(official):
    config = DataConfig(source=str(official))
    source = open_data(config.source, config)
    found = {(clip.name, clip.session, clip.num_labelled) for clip in source.clips}
    assert found == {("video 3 (48×72)", "video 3", 1), ("video 3 (60×80)", "video 3", 1), ("video 4", "video 4", 1)}
    assert {clip.part for clip in source.clips} == {"train"}
    assert all(len(clip.landmarks) == 2 for clip in source.clips)


def test_the_tallest_person_is_read_and_the_others_are_counted(official):
    source = dataset.read(official)
    clip = next(clip for clip in source.clips if clip.name == "video 3")
    assert (clip.visibility[0] > 0).sum() == 4
    assert "read 3 of 5 annotations in 3 images" in source.summary
    assert "1 of smaller people" in source.summary
    assert "1 without a labelled joint" in source.summary


def test_the_two_files_of_pose_hg_train_are_the_two_parts(tmp_path):
    for name in ("train", "valid"):
        path = tmp_path / "annot" / f"{name}.h5"
        picture_sets.write_hourglass(path, [MPII_JOINTS] * 2, [f"{name}_1.jpg", f"{name}_2.jpg"])
        picture_sets.write_picture(tmp_path / "images" / f"{name}_1.jpg")
    source = open_source(tmp_path)
    assert [(clip.name, clip.part) for clip in source.clips] == [("train_1.jpg", "train"), ("valid_1.jpg", "test")]
    assert f"read 2 of 4 annotations in 2 images; left out: 2 whose picture is not in {tmp_path}/images/" in (
        source.summary
    )


def test_a_set_without_pictures_names_their_folder(official):
    for path in (official / "images").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match=f"none of its 3 images .* they belong in {official}/images/"):
        dataset.read(official)


def test_a_set_without_labels_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected MPII Human Pose"):
        dataset.read(tmp_path)
    picture_sets.write_mpii_release(tmp_path, [("a.jpg", 1.0, [{"x1": 1.0}])])
    with pytest.raises(ValueError, match="expected labelled people of MPII, found none among 1"):
        dataset.read(tmp_path)


def test_the_published_samples_are_read(shared_data):
    folder = shared_data / "annotation_files" / "mmpose_samples" / "tests" / "data" / "mpii"
    source = open_source(folder / "test_mpii.json")
    assert (len(source.clips), source.problems, source.summary) == (5, (), "")


def test_any_cut_of_the_labels_names_the_file(official):
    path = official / "mpii_human_pose_v1_u12_1.mat"
    whole = path.read_bytes()
    for length in range(0, len(whole), len(whole) // 12 + 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="mpii_human_pose_v1_u12_1.mat"):
            dataset.read(official)
