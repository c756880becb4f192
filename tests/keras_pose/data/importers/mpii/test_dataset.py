"""MPII as a source: videos, parts, people, and downloads that lack something."""

import json

import numpy as np
import pytest

from keras_pose.data.config import DataConfig
from keras_pose.data.importers.mpii import dataset, people
from keras_pose.data.open_source import open_source
from keras_pose.data.selection import open_data
from tests.helpers import picture_sets
from tests.helpers.picture_sets import MPII_JOINTS, mpii_entry, mpii_person, mpii_point

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
    config = DataConfig(source=str(official), person_crop="none")
    source = open_data(config.source, config)
    found = {(clip.name, clip.session, clip.num_labelled) for clip in source.clips}
    assert found == {("video 3 (48×72)", "video 3", 1), ("video 3 (60×80)", "video 3", 1), ("video 4", "video 4", 1)}
    assert {clip.part for clip in source.clips} == {"train"}
    assert all(len(clip.landmarks) == 2 for clip in source.clips)


def test_the_tallest_person_is_read_and_the_others_are_counted(official):
    source = dataset.read(official, person_crop="none")
    clip = next(clip for clip in source.clips if clip.name == "video 3")
    assert (clip.visibility[0] > 0).sum() == 4
    assert "read 3 of 5 annotations in 3 images" in source.summary
    assert "1 of smaller people" in source.summary
    assert "1 without a labelled joint" in source.summary


def test_each_person_is_a_clip_with_its_square_of_the_picture(official):
    config = DataConfig(source=str(official))
    source = open_data(config.source, config)
    found = {clip.name: (clip.session, clip.frames.size_hw, clip.labelled.tolist()) for clip in source.clips}
    assert found == {
        "a.jpg person 1": ("video 3", (48, 72), [0]),
        "a.jpg person 2": ("video 3", (48, 72), [0]),
        "b.jpg": ("video 3", (60, 80), [1]),
        "c.jpg": ("video 4", (48, 72), [0]),
    }
    small, large = source.clips[:2]
    # 25 and 50 px around (30, 24), counted from 1, and 1.5 and 3 px lower.
    np.testing.assert_allclose(small.region, [29.5 - 12.5, 25 - 12.5, 25, 25])
    np.testing.assert_allclose(large.region, [29.5 - 25, 26.5 - 25, 50, 50])
    np.testing.assert_array_equal(small.joints[0], MPII_JOINTS - 1)
    assert "read 4 of 5 annotations in 3 images; left out: 1 without a labelled joint" in source.summary


def test_people_of_an_unknown_place_are_read_whole(tmp_path):
    entries = [mpii_entry(), mpii_entry("b.jpg", center=[-1.0, -1.0], scale=-1.0)]
    (tmp_path / "annot").mkdir()
    (tmp_path / "annot" / "train.json").write_text(json.dumps(entries))
    for name in ("a.jpg", "b.jpg"):
        picture_sets.write_picture(tmp_path / "images" / name)
    assert [clip.region is None for clip in dataset.read(tmp_path).clips] == [False, True]


def test_the_published_forms_give_each_person_the_same_square(shared_data):
    """The HDF5 files of pose-hg-train have centre and scale as their reader changes them, HRNet's json as MPII has."""
    folder = shared_data / "annotation_files"
    samples = folder / "mmpose_samples" / "tests" / "data" / "mpii" / "test_mpii.json"
    regions = {person.image: person.region for person in people.read_json(str(samples), "test")}
    same = [
        person for person in people.read_hourglass(str(folder / "mpii_valid.h5"), "test") if person.image in regions
    ]
    assert len(same) == 5
    for person in same:
        np.testing.assert_allclose(person.region, regions[person.image], atol=0.01)


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
