"""Rows of FLIC: columns, the first pixel, missing joints, and the same from the published files in both forms."""

import numpy as np
import pytest

from keras_pose.data.importers.flic import rows
from tests.helpers import picture_sets
from tests.helpers.picture_sets import FLIC_JOINTS, flic_example


def read(folder, *examples):
    picture_sets.write_flic(folder, list(examples), pictures=False)
    return list(rows.read_matlab(str(folder / "examples.mat")))


def test_columns_become_joints_and_pixels_count_from_zero(tmp_path):
    (row,) = read(tmp_path, flic_example())
    np.testing.assert_array_equal(row.points, FLIC_JOINTS - 1)
    np.testing.assert_array_equal(row.torso_box, [18, 17, 40, 45])
    assert (row.place, row.part, row.film, row.file) == ("row 1", "train", "hitch", "hitch-00000011.jpg")
    assert row.size_hw == picture_sets.SIZE_HW
    named = dict(zip(rows.JOINTS, row.points))
    # Facing the camera, the subject's right is on the left of the picture.
    assert named["right_shoulder"][0] < named["left_shoulder"][0]
    assert named["right_eye"][0] < named["nose"][0] < named["left_eye"][0]


def test_missing_joints_stay_missing_and_marks_of_the_authors_are_kept(tmp_path):
    coords = flic_example()["coords"].copy()
    coords[:, 2] = np.nan
    first, second = read(
        tmp_path,
        flic_example(coords=coords, part="", isbad=True, isunchecked=True),
        flic_example(part="test", isbad=False, isunchecked=False, torsobox=[]),
    )
    assert np.isnan(first.points).any(1).tolist() == [j == 2 for j in range(11)]
    assert (first.part, first.fault) == ("", "that the authors mark as bad and unchecked")
    assert (second.part, second.fault) == ("test", "")
    assert np.isnan(second.torso_box).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"coords": np.zeros((2, 28))}, r"examples\(1\).coords: expected numbers \[2 x 29\], found numbers \[2 x 28\]"),
        ({"moviename": 3.0}, r"examples\(1\).moviename: expected a text"),
        ({"torsobox": np.zeros(3)}, r"examples\(1\).torsobox: expected numbers \[4\]"),
    ],
)
def test_another_form_names_the_file_and_the_field(tmp_path, change, message):
    with pytest.raises(ValueError, match=f"examples.mat .*{message}"):
        read(tmp_path, flic_example(**change))


def test_a_missing_field_is_named(tmp_path):
    example = flic_example()
    del example["filepath"]
    with pytest.raises(ValueError, match=r"examples\(1\): expected the field filepath"):
        read(tmp_path, example)


def test_files_of_pose_hg_train_have_the_same_joints_in_this_order(tmp_path):
    seen = np.ones((1, 11))
    seen[0, 5] = 0
    path = picture_sets.write_hourglass(tmp_path / "valid.h5", [FLIC_JOINTS], ["12-oclock-high-00006361.jpg"], seen)
    (row,) = rows.read_hourglass(str(path), "test")
    np.testing.assert_array_equal(np.delete(row.points, 5, 0), np.delete(FLIC_JOINTS - 1, 5, 0))
    assert np.isnan(row.points[5]).all()
    assert (row.film, row.part) == ("12-oclock-high", "test")


def test_the_published_files_agree_but_for_the_sides_of_people_seen_from_behind(shared_data):
    folder = shared_data / "annotation_files"
    matlab = list(rows.read_matlab(str(folder / "data_FLIC.mat")))
    assert len(matlab) == 5003
    exchanged = 0
    for part, name, count in (("train", "train", 3987), ("test", "valid", 1016)):
        subject = [row for row in matlab if row.part == part]
        observer = list(rows.read_hourglass(str(folder / f"flic_{name}.h5"), part))
        assert len(subject) == len(observer) == count
        assert [row.file for row in subject] == [row.file for row in observer]
        assert [row.film for row in subject] == [row.film for row in observer]
        ours = np.stack([row.points for row in subject])
        backwards = (ours[:, :3, 0] < ours[:, 3:6, 0]).all(1)  # the rule of MODEC's evaluation
        other_side = [3, 4, 5, 0, 1, 2, 7, 6, 9, 8, 10]
        expected = np.where(backwards[:, None, None], ours[:, other_side], ours)
        differences = np.abs(expected - np.stack([row.points for row in observer])).max((1, 2))
        # Eyes of two people stay, whose eyes are at one place or already exchanged.
        assert (differences > 0).sum() <= 2
        exchanged += backwards.sum()
    assert exchanged == 247
    # The nose is on the side of the eyes, the face and the shoulders point the same way.
    points = np.stack([row.points for row in matlab])
    eyes = np.sign(points[:, 8, 0] - points[:, 9, 0])
    shoulders = np.sign(points[:, 0, 0] - points[:, 3, 0])
    assert (eyes == shoulders).mean() > 0.98
