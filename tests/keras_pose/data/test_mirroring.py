"""Flip pairs are those asked for, and frames are mirrored only if all joints swap rightly."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from keras_pose.data import mirroring
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import UPPER_BODY, Skeleton, infer_flip_pairs

CONFIG = TrainConfig.from_flags(run_dir="x")


def test_flip_pairs_come_from_the_flag():
    plain = Skeleton("plain", ("a", "b", "c"))
    assert mirroring.parse_flip_pairs("auto", UPPER_BODY) == UPPER_BODY.flip_pairs
    assert mirroring.parse_flip_pairs("none", UPPER_BODY) == ()
    assert mirroring.parse_flip_pairs("a:c", plain) == (("a", "c"),)
    with pytest.raises(ValueError, match="--flip_pairs: unknown joint 'd', expected one of a, b, c"):
        mirroring.parse_flip_pairs("a:d", plain)
    with pytest.raises(ValueError, match="--flip_pairs: expected auto, none, or"):
        mirroring.parse_flip_pairs("a", plain)


def test_mirroring_is_off_without_pairs_and_refused_where_asked_for():
    plain = Skeleton("plain", ("a", "b"))
    assert mirroring.decide_mirroring(CONFIG.augmentation, plain).probability == 0
    mirrored = mirroring.decide_mirroring(CONFIG.augmentation, UPPER_BODY)
    assert mirrored.probability == 0.5
    assert mirrored.flip_permutation == tuple(UPPER_BODY.flip_permutation())
    with pytest.raises(ValueError, match="--aug_mirror=0.5: skeleton 'plain' declares no left/right pairs"):
        mirroring.decide_mirroring(CONFIG.replace(aug_mirror="0.5").augmentation, plain)


ODD = Skeleton("odd", ("a:b", "c,d", "c", "d", "left, ear", "right, ear", " e", "x=1"))


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("a:b:c,d", (("a:b", "c,d"),)),
        ("c:d,a:b:c,d", (("c", "d"), ("a:b", "c,d"))),
        ("left, ear:right, ear", (("left, ear", "right, ear"),)),
        ("c : d , left, ear:right, ear", (("c", "d"), ("left, ear", "right, ear"))),
        (" e:x=1", ((" e", "x=1"),)),
        ("c:d, e:x=1", (("c", "d"), (" e", "x=1"))),
    ],
)
def test_names_may_contain_separators(text, pairs):
    assert mirroring.parse_flip_pairs(text, ODD) == pairs


def test_a_text_with_two_meanings_is_refused():
    joints = ("a", "b:c", "a:b", "c")
    with pytest.raises(ValueError, match="--flip_pairs: expected one meaning, received 'a:b:c'"):
        mirroring.parse_flip_pairs("a:b:c", Skeleton("s", joints))


@pytest.mark.parametrize("text", ["c:d,d:c", "c:c", "c:d,x=1:c"])
def test_a_joint_in_two_pairs_is_refused(text):
    with pytest.raises(ValueError, match="--flip_pairs: expected a joint in one pair"):
        mirroring.parse_flip_pairs(text, ODD)


@pytest.mark.parametrize("text", ["c", "c:d,", "c:d:c", ",", ":", "c,d", ""])
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match="--flip_pairs: (expected|unknown joint)"):
        mirroring.parse_flip_pairs(text, ODD)


def skeleton_of(*joints, pairs=None):
    return Skeleton("s", joints, infer_flip_pairs(joints) if pairs is None else pairs)


# Some joints are paired, and the names of others look left or right.
PARTIAL = [
    skeleton_of("left_eye", "right_eye", "nose", "earL"),
    skeleton_of("left_eye", "right_eye", "ear_l"),
    skeleton_of("eyeL", "eyeR", "left_ear", "Right-ear"),
    skeleton_of("nose", "earL", "earR", "eyeL", "eyeR", pairs=(("earL", "earR"),)),
]


@pytest.mark.parametrize("partial", PARTIAL)
def test_a_joint_without_its_partner_stops_mirroring(partial):
    assert mirroring.decide_mirroring(CONFIG.augmentation, partial).probability == 0
    line = mirroring.describe_mirroring(CONFIG.augmentation, partial)
    assert line.startswith("frames are not mirrored: ")
    assert partial.joints[-1] in line
    assert "--flip_pairs" in line
    # It can be asked for.
    asked = CONFIG.replace(aug_mirror="0.25").augmentation
    assert mirroring.decide_mirroring(asked, partial).probability == 0.25
    assert "(but " in mirroring.describe_mirroring(asked, partial)


def test_the_pairs_are_one_line():
    line = mirroring.describe_mirroring(
        CONFIG.augmentation, skeleton_of("nose", "earL", "earR", "paw_r", "paw_l", "tail")
    )
    assert line == "mirror pairs: earL–earR, paw_l–paw_r; on the midline: nose, tail"
    line = mirroring.describe_mirroring(CONFIG.augmentation, skeleton_of("earL", "earR"))
    assert line == "mirror pairs: earL–earR"


def test_no_mirroring_is_one_line():
    line = mirroring.describe_mirroring(CONFIG.replace(aug_mirror="0").augmentation, UPPER_BODY)
    assert line == "frames are not mirrored: --aug_mirror=0"
    line = mirroring.describe_mirroring(CONFIG.augmentation, skeleton_of("nose", "tail"))
    assert line.startswith("frames are not mirrored: no left/right pairs are known")


def test_joints_that_look_sided_are_named_even_if_there_are_no_pairs():
    line = mirroring.describe_mirroring(CONFIG.augmentation, skeleton_of("nose", "Left_ear", "right-ear"))
    assert line.startswith("frames are not mirrored: Left_ear, right-ear look like left or right joints but have no ")
    assert "--aug_mirror" not in line  # it would be refused
    line = mirroring.describe_mirroring(CONFIG.augmentation, skeleton_of("eyeL", "eyeR", "left_ear"))
    assert "left_ear looks like a left or right joint but has no partner; name the pairs with" in line
    assert line.endswith("or mirror all the same with --aug_mirror=0.5")


SPELLINGS = strategies.sampled_from(
    [("left_{}", "right_{}"), ("{}L", "{}R"), ("{}.l", "{}.r"), ("{} (left)", "{} (right)")]
)


@hypothesis.given(
    strategies.lists(SPELLINGS, min_size=1, max_size=5),
    strategies.integers(0, 3),
    strategies.randoms(use_true_random=False),
)
@hypothesis.settings(max_examples=50)
def test_two_mirrorings_are_none(spellings, num_midline, random):
    joints = [side.format(f"part{i}x") for i, pair in enumerate(spellings) for side in pair]
    joints += [f"middle{i}x" for i in range(num_midline)]
    random.shuffle(joints)
    found = skeleton_of(*joints)
    mirrored = mirroring.decide_mirroring(CONFIG.augmentation, found)
    assert mirrored.probability == 0.5
    order = np.array(mirrored.flip_permutation)
    assert (order[order] == np.arange(len(joints))).all()
    assert (order == np.arange(len(joints))).sum() == num_midline
    points = np.random.default_rng(0).uniform(0, 64, (len(joints), 2))
    once = np.stack([63 - points[:, 0], points[:, 1]], -1)[order]
    twice = np.stack([63 - once[:, 0], once[:, 1]], -1)[order]
    np.testing.assert_allclose(twice, points)
    # A mirrored left joint lies where the right one was.
    for left, right in found.flip_pairs:
        np.testing.assert_allclose(once[found.index(left), 0], 63 - points[found.index(right), 0])
