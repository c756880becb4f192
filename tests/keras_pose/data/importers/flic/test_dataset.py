"""FLIC as a source: films, parts, people, and downloads that lack something."""

import numpy as np
import pytest

from keras_pose.data import validation
from keras_pose.data.config import DataConfig
from keras_pose.data.importers.flic import dataset, rows
from keras_pose.data.open_source import open_source
from keras_pose.data.selection import open_data, split_data
from tests.helpers import picture_sets
from tests.helpers.picture_sets import FLIC_JOINTS, flic_example


@pytest.fixture
def examples():
    return [
        flic_example("hitch", 11),
        flic_example("hitch", 21, "test"),
        flic_example("giant", 5),
        flic_example("giant", 5, shift=2, torsobox=[10, 10, 60, 46]),
        flic_example("giant", 9, "test"),
    ]


def test_films_are_sessions_with_a_clip_for_each_part(tmp_path, examples):
    source = open_source(picture_sets.write_flic(tmp_path, examples), person_crop="none")
    found = {clip.name: (clip.session, clip.group, clip.part, clip.labelled.tolist()) for clip in source.clips}
    assert found == {
        "hitch (train)": ("hitch", "hitch", "train", [11]),
        "hitch (test)": ("hitch", "hitch", "test", [21]),
        "giant (train)": ("giant", "giant", "train", [5]),
        "giant (test)": ("giant", "giant", "test", [9]),
    }
    assert source.skeleton.joints[:3] == ("left_shoulder", "left_elbow", "left_wrist")
    assert ("left_wrist", "right_wrist") in source.skeleton.flip_pairs
    assert validation.validate(source).clips[0].read_window(0).shape == (1, *picture_sets.SIZE_HW, 3)


def test_the_person_with_the_largest_torso_is_read_with_the_torso_as_landmarks(tmp_path, examples):
    source = dataset.read(picture_sets.write_flic(tmp_path, examples), person_crop="none")
    clip = next(clip for clip in source.clips if clip.name == "giant (train)")
    np.testing.assert_allclose(clip.joints[0], FLIC_JOINTS + [1, -1])
    np.testing.assert_array_equal(clip.landmarks["torso_box_top_left"], [[9, 9]])
    np.testing.assert_array_equal(clip.landmarks["torso_box_bottom_right"], [[59, 45]])
    assert "read 4 of 5 annotations in 4 images; left out: 1 of smaller people" in source.summary


def test_each_person_is_a_clip_with_its_square_of_the_picture(tmp_path, examples):
    folder = picture_sets.write_flic(tmp_path, examples)
    source = open_source(folder)
    found = {clip.name: (clip.session, clip.group, clip.part, clip.labelled.tolist()) for clip in source.clips}
    assert found == {
        "hitch-00000011.jpg": ("hitch", "hitch", "train", [11]),
        "hitch-00000021.jpg": ("hitch", "hitch", "test", [21]),
        "giant-00000005.jpg person 1": ("giant", "giant", "train", [5]),
        "giant-00000005.jpg person 2": ("giant", "giant", "train", [5]),
        "giant-00000009.jpg": ("giant", "giant", "test", [9]),
    }
    one, other = (clip for clip in source.clips if clip.labelled.tolist() == [5])
    # 440 of 480 px high, at the middles of the torso boxes (30 and 35 px, counted from 1) and of the picture.
    np.testing.assert_allclose(one.region, [29.5 - 22, 23.5 - 22, 44, 44])
    np.testing.assert_allclose(other.region, [34.5 - 22, 23.5 - 22, 44, 44])
    np.testing.assert_array_equal(one.joints[0], FLIC_JOINTS - 1)
    np.testing.assert_array_equal(other.joints[0], FLIC_JOINTS + [1, -1])
    assert source.summary == ""
    assert "a square around each of 5 labelled people" in source.notes[0]
    assert "1 picture with several people" in source.notes[0]
    larger = next(clip for clip in dataset.read(folder, person_crop="1.5").clips if clip.name == other.name)
    np.testing.assert_allclose(larger.region, [34.5 - 33, 23.5 - 33, 66, 66])


def test_people_of_one_picture_in_both_parts_keep_apart_and_share_their_film(tmp_path):
    examples = [flic_example("giant", 5), flic_example("giant", 5, "test", shift=2), flic_example("giant", 9)]
    config = DataConfig(source=str(picture_sets.write_flic(tmp_path, examples)), split="authors")
    split = split_data(open_data(config.source, config), config)
    positions = {name: sessions["giant"] for name, sessions in split.to_dict().items()}
    assert sorted(positions["train"] + positions["validation"]) == [5, 9]
    assert positions["test"] == [6]
    assert split.test[0].read_window(0).shape == (1, *picture_sets.SIZE_HW, 3)


def test_people_without_a_torso_box_are_read_only_alone(tmp_path):
    examples = [
        flic_example("giant", 5),
        flic_example("giant", 5, shift=2, torsobox=[]),
        flic_example("giant", 9, torsobox=[]),
    ]
    source = dataset.read(picture_sets.write_flic(tmp_path, examples))
    assert [(clip.name, clip.region is None) for clip in source.clips] == [
        ("giant-00000005.jpg person 1", False),
        ("giant-00000009.jpg", True),
    ]
    assert "read 2 of 3 annotations in 2 images; left out: 1 whose place in the picture" in source.summary
    none_known = [flic_example("giant", 5, torsobox=[]), flic_example("giant", 9, torsobox=[])]
    whole = dataset.read(picture_sets.write_flic(tmp_path / "whole", none_known))
    assert [clip.name for clip in whole.clips] == ["giant (train)"]


def test_a_place_outside_the_picture_is_left_out(tmp_path):
    examples = [flic_example("giant", 5), flic_example("giant", 9, torsobox=[500, 18, 520, 46])]
    source = dataset.read(picture_sets.write_flic(tmp_path, examples))
    assert [clip.name for clip in source.clips] == ["giant-00000005.jpg"]
    assert "1 whose place, as the file tells it, is outside the picture" in source.summary


def test_another_factor_than_a_number_is_refused(tmp_path, examples):
    folder = picture_sets.write_flic(tmp_path, examples)
    with pytest.raises(ValueError, match="--person_crop: expected auto, none or a factor from 0.1 to 10, received 'x'"):
        dataset.read(folder, person_crop="x")


def test_the_published_files_give_each_person_the_same_square(shared_data):
    folder = shared_data / "annotation_files"
    regions = {}
    inside = []
    for row in rows.read_matlab(str(folder / "data_FLIC.mat")):
        regions.setdefault(row.file, []).append(row.region)
        known = np.isfinite(row.points).all(-1)
        left, top, width, height = row.region
        points = row.points[known] + 0.5
        inside.append(((points >= [left, top]) & (points <= [left + width, top + height])).all())
    assert (len(inside), len(regions)) == (5003, 4552)
    assert np.mean(inside) == pytest.approx(0.985, abs=0.001)
    for row in rows.read_hourglass(str(folder / "flic_valid.h5"), "test"):
        assert min(np.abs(np.subtract(region, row.region)).max() for region in regions[row.file]) < 1e-3


def test_a_run_can_follow_the_parts_of_the_authors(tmp_path, examples):
    config = DataConfig(source=str(picture_sets.write_flic(tmp_path, examples)), split="authors")
    split = split_data(open_data(config.source, config), config)
    assert sorted(clip.part for clip in split.test) == ["test", "test"]
    assert {clip.part for clip in split.train + split.validation} == {"train"}
    with pytest.raises(ValueError, match="--split=authors:sub1: expected no name"):
        open_source(config.source, split="sub1")


def test_bad_and_unchecked_rows_and_rows_without_joints_are_counted(tmp_path):
    examples = [
        flic_example(frame=1),
        flic_example(frame=2, isbad=True),
        flic_example(frame=3, isunchecked=True),
        flic_example(frame=4, coords=np.full((2, 29), np.nan)),
    ]
    source = dataset.read(picture_sets.write_flic(tmp_path, examples))
    assert "read 1 of 4 annotations" in source.summary
    for words in ("that the authors mark as bad", "that the authors mark as unchecked", "without a labelled joint"):
        assert f"1 {words}" in source.summary


def test_missing_pictures_are_counted_and_all_missing_is_an_error(tmp_path, examples):
    folder = picture_sets.write_flic(tmp_path, examples)
    (folder / "images" / "hitch-00000011.jpg").unlink()
    source = dataset.read(folder)
    assert f"left out: 1 whose picture is not in {folder}/images/" in source.summary
    assert source.problems == ()
    (folder / "images").rename(tmp_path.parent / "elsewhere")
    with pytest.raises(ValueError, match=f"none of its 4 images .* they belong in {folder}/images/"):
        dataset.read(folder)
    elsewhere = str(tmp_path.parent / "elsewhere")
    assert len(dataset.read(folder, image_dir=elsewhere, person_crop="none").clips) == 3
    assert len(dataset.read(folder, image_dir=elsewhere).clips) == 4


def test_files_of_pose_hg_train_say_whose_left_and_right_they_have(tmp_path):
    for name in ("train", "valid"):
        path = tmp_path / "annot" / f"{name}.h5"
        picture_sets.write_hourglass(path, [FLIC_JOINTS], [f"hitch-{len(name):08d}.jpg"])
        picture_sets.write_picture(tmp_path / "images" / f"hitch-{len(name):08d}.jpg")
    source = open_source(tmp_path)
    assert [clip.part for clip in source.clips] == ["train", "test"]
    np.testing.assert_allclose(source.clips[0].region, [29.5 - 20, 23.5 - 20, 40, 40])  # its centre and scale
    assert any("left and right are the observer's" in note for note in source.notes)
    np.testing.assert_array_equal(source.clips[0].joints[0], FLIC_JOINTS - 1)


def test_other_folders_are_refused(tmp_path):
    with pytest.raises(ValueError, match="expected FLIC .a folder with examples.mat and images/"):
        dataset.read(tmp_path)
    picture_sets.write_flic(tmp_path, [flic_example(isbad=True)])
    with pytest.raises(ValueError, match="expected labelled people of FLIC, found none"):
        dataset.read(tmp_path)


def test_any_cut_of_the_labels_names_the_file(tmp_path, examples):
    folder = picture_sets.write_flic(tmp_path, examples)
    whole = (folder / "examples.mat").read_bytes()
    for length in range(0, len(whole), len(whole) // 12 + 1):
        (folder / "examples.mat").write_bytes(whole[:length])
        with pytest.raises(ValueError, match="examples.mat"):
            dataset.read(folder)
