"""Joints are paired by their names as data sets write them, and no names are paired that are not sides."""

import itertools

import hypothesis
import pytest
from hypothesis import strategies

from keras_pose import side_names
from keras_pose.skeleton import Skeleton


def words(text):
    return text.split()


MIDLINE = ("nose", "tail_base", "Spine1", "head")
# Spellings of the two sides of a joint, left then right.
SPELLINGS = words("""
    left_ear right_ear  Left_Ear Right_Ear  LEFT_EAR RIGHT_EAR  left-ear right-ear  left.ear right.ear
    leftEar rightEar  LeftEar RightEar  earLeft earRight  EarLeft EarRight  ear_left ear_right  Ear.Left Ear.Right
    leftear rightear  earleft earright  front_left_paw front_right_paw  frontLeftPaw frontRightPaw  1_left 1_right
    frontleftpaw frontrightpaw  L_ear R_ear  l_ear r_ear  L-ear R-ear  l.ear r.ear  ear_L ear_R  ear_l ear_r
    Ear.L Ear.R  earL earR  LEar REar  lEar rEar  frontLPaw frontRPaw  hand.L.001 hand.R.001  ear2L ear2R  L1 R1
    L R  l r  Lft_ear Rgt_ear  lft_ear rgt_ear  LFT_EAR RGT_EAR  earLft earRgt  lt_ear rt_ear  ear_Lt ear_Rt
    ear_LT ear_RT  lf_arm rt_arm  LF RF  LH_paw RH_paw  FL FR  paw_BL paw_BR  LFPaw RFPaw  lear rear  Lear Rear
    lhip rhip  LHIP RHIP  hipl hipr  mixamorig:LeftArm mixamorig:RightArm  left_hand_r1 right_hand_r1  Ohr_l Ohr_r
    œil_l œil_r
""")
PAIRS = [
    *zip(SPELLINGS[::2], SPELLINGS[1::2]),
    ("left ear", "right ear"),
    ("ear (left)", "ear (right)"),
    ("wrist (L)", "wrist (R)"),
    ("ear [L]", "ear [R]"),
    ("Bip01 L Hand", "Bip01 R Hand"),
    ("ear, left", "ear, right"),
    ("ear:l", "ear:r"),
]
SIDES = ("left", "right")
BLAZE = words("eye_inner eye eye_outer ear shoulder elbow wrist pinky index thumb hip knee ankle heel foot_index")
FACE = words("brow_1 brow_2 eye_outer eye_inner nostril mouth_corner jaw_1")
SETS = {
    "COCO": ["nose", *(f"{s}_{p}" for p in words("eye ear shoulder elbow wrist hip knee ankle") for s in SIDES)],
    "AIC": [f"{s}_{p}" for s in SIDES[::-1] for p in words("shoulder elbow wrist hip knee ankle")]
    + ["head_top", "neck"],
    "MPII": words("""
        r_ankle r_knee r_hip l_hip l_knee l_ankle pelvis thorax upper_neck head_top r_wrist r_elbow r_shoulder
        l_shoulder l_elbow l_wrist
    """),
    "H36M": words("""
        Hip RHip RKnee RFoot LHip LKnee LFoot Spine Thorax Neck/Nose Head LShoulder LElbow LWrist
        RShoulder RElbow RWrist
    """),
    "BlazePose": ["nose", "mouth_left", "mouth_right", *(f"{s}_{p}" for p in BLAZE for s in SIDES)],
    "300W": [f"{s}_{p}" for s in SIDES for p in FACE] + ["chin", "nose_tip"],
    "SuperAnimal mouse": words("""
        nose left_ear right_ear left_ear_tip right_ear_tip left_eye right_eye neck mid_back mouse_center mid_backend
        tail_base tail1 left_shoulder left_midside left_hip right_shoulder right_midside right_hip
        tail_end head_midpoint
    """),
    "SuperAnimal quadruped": words("""
        nose upper_jaw lower_jaw mouth_end_right mouth_end_left right_eye right_earbase right_earend left_eye
        left_earbase left_earend neck_base tail_base front_left_thai front_left_knee front_left_paw front_right_thai
        front_right_knee front_right_paw back_left_paw back_right_paw body_middle_right body_middle_left belly_bottom
    """),
    "DeepLabCut mouse": ["snout", "leftear", "rightear", "tailbase"],
    "DeepLabCut camel": ["nose", "earL", "earR", "tail"],
    "Plug-in Gait": words("LFHD RFHD LASI RASI LKNE RKNE LTOE RTOE SACR C7 T10"),
    "FLIC": words("lsho lelb lwri rsho relb rwri lhip rhip nose"),
    "Blender": words("spine upper_arm.L upper_arm.R hand.L.001 hand.R.001"),
    "eye corners": words("left_eye_left left_eye_right right_eye_left right_eye_right"),
    "horse": words("FL FR RL RR withers"),
}
COUNTS = (8, 6, 6, 6, 16, 7, 6, 9, 1, 1, 4, 4, 2, 2, 2)


def paired(joints):
    return {frozenset(pair) for pair in side_names.infer_flip_pairs(joints)}


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_usual_spellings_are_paired(left, right):
    for joints in ((left, *MIDLINE, right), (right, left), (*MIDLINE, right, left)):
        assert side_names.infer_flip_pairs(joints) == ((left, right),)
        assert side_names.find_unpaired(joints, ((left, right),)) == ()


@pytest.mark.parametrize(("joints", "count"), zip(SETS.values(), COUNTS), ids=SETS)
def test_names_of_data_sets_are_paired(joints, count):
    pairs = side_names.infer_flip_pairs(joints)
    assert len(pairs) == count
    assert side_names.find_unpaired(joints, pairs) == ()


def test_the_corners_of_an_eye_change_the_eye():
    pairs = side_names.infer_flip_pairs(SETS["eye corners"])
    assert set(pairs) == {("left_eye_left", "right_eye_right"), ("left_eye_right", "right_eye_left")}


@pytest.mark.parametrize(
    "joints",
    [
        ("lip", "rip", "leg", "reg", "lower", "rower", "collar", "collal", "lot", "rot", "lace", "race"),
        ("LIP", "RIP", "LOT", "ROT"),
        ("left_ear", "Right_eye", "right-ear"),
        ("light", "right"),
        ("él", "ér"),
        ("lf_paw", "rt_paw", "rf_paw"),
        ("LL", "LR", "RL", "RR"),
        ("earL", "earr"),
        ("point1", "point2"),
        (),
    ],
)
def test_other_names_are_not_paired(joints):
    assert side_names.infer_flip_pairs(joints) == ()


@pytest.mark.parametrize(
    "name",
    [
        *words("left_ear Left ear_left earLeft leftear earleft LEFT_EAR 1_left L_ear ear_R ear_l earL LEar lEar"),
        *words("Ear.L frontLPaw Lft_ear earRgt L bone.R.001"),
        "ear (R)",
    ],
)
def test_a_side_without_a_partner_is_found(name):
    joints = ("nose", "left_eye", "right_eye", name)
    pairs = side_names.infer_flip_pairs(joints)
    assert pairs == (("left_eye", "right_eye"),)
    assert side_names.find_unpaired(joints, pairs) == (name,)
    assert side_names.find_unpaired(joints, ()) == joints[1:]


@pytest.mark.parametrize(
    "name",
    words("nose lip leg lower collar rear tail upright brightness leftover cleft bill ear L5 R2 él Hotel lr FL LR"),
)
def test_names_without_a_side_are_not_taken_for_one(name):
    joints = (name, "left_eye", "right_eye")
    assert side_names.find_unpaired(joints, side_names.infer_flip_pairs(joints)) == ()


def test_a_third_joint_that_reads_like_two_paired_ones_has_a_side():
    joints = ("LF", "RF", "LH")
    assert side_names.find_unpaired(joints, side_names.infer_flip_pairs(joints)) == ("LH",)
    joints = ("lhip", "rhip", "lknee", "rear")
    assert side_names.find_unpaired(joints, side_names.infer_flip_pairs(joints)) == ("lknee",)


WORDS = strategies.sampled_from(
    [*words("left right Left RIGHT l r L R lt rt lf rf Lft Rgt ear Ear EAR hip lip leg rip paw F H 1 2 é _ - ."), " "]
)
NAMES = strategies.lists(WORDS, min_size=1, max_size=5).map("".join)


@hypothesis.given(strategies.lists(NAMES, min_size=1, max_size=12, unique=True))
@hypothesis.settings(max_examples=500)
def test_any_names_make_pairs_that_swap_back(joints):
    pairs = side_names.infer_flip_pairs(joints)
    order = Skeleton("any", tuple(joints), pairs).flip_permutation()  # refuses a name in two pairs
    assert (order[order] == range(len(joints))).all()
    assert [left for left, _ in pairs] == [name for name in joints if name in dict(pairs)]
    assert not set(side_names.find_unpaired(joints, pairs)) & set(itertools.chain(*pairs))


@hypothesis.given(strategies.permutations(list(itertools.chain(*PAIRS[:12], MIDLINE))))
@hypothesis.settings(max_examples=50)
def test_the_order_of_joints_does_not_matter(joints):
    assert paired(joints) == paired(sorted(joints))


@pytest.mark.parametrize(
    ("wanted", "known"),
    [
        ("left_wrist", "LWrist"),
        ("left_wrist", "wrist_l"),
        ("left_wrist", "lwrist"),
        ("left_wrist", "Left Wrist"),
        ("leftear", "L_ear"),
        ("head_top", "HeadTop"),
        ("rear", "Rear"),
    ],
)
def test_the_same_joint_is_found_in_another_spelling(wanted, known):
    others = ["right_wrist", "r_ear", "neck"]
    assert side_names.match_names([wanted], [*others, known]) == {wanted: known}


@pytest.mark.parametrize(
    ("wanted", "known"), [("left_wrist", ["right_wrist"]), ("ear", ["left_ear"]), ("left_hip", ["LHip", "l_hip"])]
)
def test_another_side_and_several_spellings_are_no_match(wanted, known):
    assert side_names.match_names([wanted], known) == {}


def test_equal_names_match_themselves_before_other_spellings():
    assert side_names.match_names(["l_hip", "LHip"], ["LHip", "l_hip"]) == {"l_hip": "l_hip", "LHip": "LHip"}
