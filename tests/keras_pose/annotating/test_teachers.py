"""Opening a teacher, and choosing joints of it."""

import pytest

from keras_pose.annotating import person_joints, teachers
from keras_pose.annotating.movenet import MoveNet
from tests.helpers import teachers as made


def test_a_movenet_is_opened(movenet_folder):
    assert isinstance(teachers.open_teacher(movenet_folder), MoveNet)


def test_another_saved_model_is_refused_with_its_signature(tmp_path):
    with pytest.raises(ValueError, match="expected the signature of MoveNet"):
        teachers.open_teacher(made.write_other(tmp_path / "other"))


def test_chosen_joints_keep_their_pairs_and_edges():
    names = ["right_wrist", "left_wrist", "right_elbow"]
    skeleton, places = teachers.choose_joints(person_joints.COCO, names)
    assert skeleton.joints == tuple(names)
    assert places == [10, 9, 8]
    assert skeleton.flip_pairs == (("left_wrist", "right_wrist"),)
    assert skeleton.edges == (("right_elbow", "right_wrist"),)
    assert teachers.choose_joints(person_joints.COCO, [])[0] is person_joints.COCO


def test_joints_that_the_teacher_lacks_are_named():
    with pytest.raises(ValueError, match="--joints: the teacher does not find head, tail; it finds nose, left_eye"):
        teachers.choose_joints(person_joints.COCO, ["head", "nose", "tail"])
