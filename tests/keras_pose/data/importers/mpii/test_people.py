"""People of MPII: the same from the three forms, hidden and missing joints, and other files."""

import json

import numpy as np
import pytest

from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE
from keras_pose.data.importers.mpii import people
from tests.helpers import picture_sets
from tests.helpers.picture_sets import MPII_JOINTS, mpii_entry, mpii_person, mpii_point


def points(is_visible=1.0, order=None):
    return [mpii_point(j, *MPII_JOINTS[j], is_visible) for j in order or range(16)]


def read_release(folder, *persons, **fields):
    path = picture_sets.write_mpii_release(folder, [("a.jpg", 7.0, list(persons))], **fields)
    return list(people.read_matlab(str(path)))


def write_json(path, entries):
    path.write_text(json.dumps(entries))
    return str(path)


def test_the_three_forms_give_the_same_person(tmp_path):
    (official,) = read_release(tmp_path, mpii_person(points()))
    path = picture_sets.write_hourglass(tmp_path / "valid.h5", [MPII_JOINTS], ["a.jpg"])
    (hourglass,) = people.read_hourglass(str(path), "test")
    (hrnet,) = people.read_json(write_json(tmp_path / "valid.json", [mpii_entry()]), "test")
    for person in (official, hourglass, hrnet):
        np.testing.assert_array_equal(person.values[:, :2], MPII_JOINTS - 1)
        assert (person.values[:, 2] == VISIBLE).all()
        assert person.image == "a.jpg"
        np.testing.assert_allclose(person.box, [9, 3, 40, 40])
        # The size of the head is 0.6 times the diagonal of its box, which is 10 px.
        np.testing.assert_allclose(np.linalg.norm(np.diff(person.head_box, axis=0)), 10)
    assert (official.video, hourglass.video, official.part) == ("7", "", "train")
    named = dict(zip(people.JOINTS, official.values))
    assert named["right_shoulder"][0] < named["neck"][0] < named["left_shoulder"][0]
    assert named["head_top"][1] < named["neck"][1] < named["thorax"][1] < named["pelvis"][1]


def test_points_of_any_order_and_number_keep_their_ids(tmp_path):
    (person,) = read_release(tmp_path, mpii_person(points(order=[9, 2, 15])))
    labelled = np.flatnonzero(person.values[:, 2])
    assert labelled.tolist() == [2, 9, 15]
    np.testing.assert_array_equal(person.values[labelled, :2], MPII_JOINTS[labelled] - 1)


@pytest.mark.parametrize(
    ("is_visible", "expected"),
    [(1.0, VISIBLE), (0.0, HIDDEN), ("1", VISIBLE), ("0", HIDDEN), (np.zeros((0, 0)), VISIBLE), ("", VISIBLE)],
)
def test_visibility_is_a_number_a_text_or_empty(tmp_path, is_visible, expected):
    (person,) = read_release(tmp_path, mpii_person(points(is_visible)))
    assert set(person.values[:, 2]) == {expected}


def test_a_single_point_and_people_without_points_or_scale_are_read(tmp_path):
    empty = np.zeros((0, 0))
    one, none = read_release(
        tmp_path,
        mpii_person(points(order=[4]), scale=empty, objpos=empty, x1=empty),
        {"x1": 1.0, "y1": 1.0, "x2": 3.0, "y2": 3.0},
    )
    assert np.flatnonzero(one.values[:, 2]).tolist() == [4]
    assert np.isnan(one.box).all()
    assert np.isnan(one.head_box).all()
    assert not none.values[:, 2].any()


def test_hidden_joints_of_pose_hg_train_have_a_position_and_missing_ones_have_none(tmp_path):
    seen = np.ones((1, 16))
    seen[0, [0, 1]] = 0
    parts = MPII_JOINTS[None].copy()
    parts[0, 1] = 0
    path = picture_sets.write_hourglass(tmp_path / "valid.h5", parts, ["a.jpg"], seen)
    (person,) = people.read_hourglass(str(path), "test")
    assert person.values[:3, 2].tolist() == [HIDDEN, UNLABELLED, VISIBLE]
    np.testing.assert_array_equal(person.values[1], 0)


def test_missing_joints_of_hrnet_are_unlabelled(tmp_path):
    seen = [0] + [1] * 15
    joints = MPII_JOINTS.copy()
    joints[0] = -1
    joints[2, 1] = np.nan  # as Python writes it
    (person,) = people.read_json(write_json(tmp_path / "a.json", [mpii_entry(joints=joints, seen=seen)]), "")
    assert person.values[:4, 2].tolist() == [UNLABELLED, VISIBLE, UNLABELLED, VISIBLE]


@pytest.mark.parametrize(
    "entry",
    [3, {}, {"image": "a.jpg"}, mpii_entry(joints=[[1, 2]]), mpii_entry(image=3), mpii_entry(seen=[10**400] * 16)],
)
def test_other_entries_are_refused_with_their_place(tmp_path, entry):
    path = write_json(tmp_path / "a.json", [mpii_entry(), entry])
    with pytest.raises(ValueError, match="a.json: entry 1: expected an object with image, joints"):
        list(people.read_json(path, ""))


def test_other_matlab_files_name_what_is_missing(tmp_path):
    with pytest.raises(ValueError, match=r"annorect\(1\): expected ids of 0 to 15, found 16"):
        read_release(tmp_path, mpii_person([mpii_point(16, 1, 2, 1.0)]))
    picture_sets.write_flic(tmp_path, [picture_sets.flic_example()], pictures=False, name="mpii.mat")
    with pytest.raises(ValueError, match="mpii.mat .*expected the variable RELEASE, found"):
        list(people.read_matlab(str(tmp_path / "mpii.mat")))


def test_the_published_files_agree(shared_data):
    folder = shared_data / "annotation_files"
    found = list(people.read_hourglass(str(folder / "mpii_valid.h5"), "test"))
    assert len(found) == 2958
    samples = folder / "mmpose_samples" / "tests" / "data" / "mpii" / "test_mpii.json"
    others = list(people.read_json(str(samples), ""))
    by_image = {person.image: person for person in found}
    assert len(others) == 5
    for other in others:
        person = by_image[other.image]
        labelled = other.values[:, 2] > 0
        np.testing.assert_array_equal(labelled, person.values[:, 2] > 0)
        # The files of pose-hg-train have whole numbers.
        assert np.abs(other.values - person.values)[labelled, :2].max() < 1
        diagonals = [np.linalg.norm(np.diff(p.head_box, axis=0)) for p in (person, other)]
        np.testing.assert_allclose(diagonals[0], diagonals[1], rtol=1e-4)
    # More people face the camera than not: the subject's right is on the left of the picture.
    values = np.stack([person.values for person in found])
    both = (values[:, [12, 13], 2] > 0).all(1)
    assert (values[both, 12, 0] < values[both, 13, 0]).mean() > 0.7
