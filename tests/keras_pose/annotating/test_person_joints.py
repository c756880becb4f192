"""The joints of other nets: their number, their order, and left and right."""

from keras_pose.annotating import person_joints


def test_coco_has_its_seventeen_joints():
    joints = person_joints.COCO.joints
    assert len(joints) == 17
    assert joints[:5] == ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
    assert joints[9:11] == ("left_wrist", "right_wrist")
    assert joints[-1] == "right_ankle"
    assert len(person_joints.COCO.flip_pairs) == 8


def test_blazepose_has_its_landmarks():
    joints = person_joints.BLAZEPOSE.joints
    assert len(joints) == 33
    places = {"left_eye": 2, "right_eye": 5, "left_mouth": 9, "left_shoulder": 11, "right_wrist": 16, "left_hip": 23}
    assert {name: joints.index(name) for name in places} == places
    assert joints[31:] == ("left_foot_index", "right_foot_index")
    assert len(person_joints.BLAZEPOSE.flip_pairs) == 16
