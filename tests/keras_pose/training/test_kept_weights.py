"""Later weights are kept unless validation shows that they are worse."""

import numpy as np
import pytest
from scipy import stats

from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip
from keras_pose.data.samples import Samples
from keras_pose.training import kept_weights

NAN = float("nan")


def samples_of(**frames_of_groups):
    """Samples of a clip for each group, with as many labelled frames as given."""
    clips = []
    for group, count in frames_of_groups.items():
        frames = ArrayFrames(np.zeros((count, 32, 32, 3), np.uint8))
        joints = np.full((count, 1, 2), 5, np.float32)
        visibility = np.full((count, 1), VISIBLE)
        clips.append(Clip(f"clip of {group}", frames, np.arange(count), joints, visibility, group=group))
    return Samples(clips, (32, 32))


def test_people_that_training_does_not_know_are_one_group_each():
    held_out = samples_of(ann=3, ben=2, cid=1)
    groups = kept_weights.group_frames(held_out, samples_of(dan=4))
    assert groups.tolist() == [0, 0, 0, 1, 1, 2]


def test_a_group_that_training_knows_is_cut_into_blocks():
    groups = kept_weights.group_frames(samples_of(ann=25, ben=2, cid=3), samples_of(ann=4, cid=1))
    ann, ben, cid = groups[:25], groups[25:27], groups[27:]
    assert (np.diff(ann) >= 0).all()
    assert np.bincount(ann).tolist() == [3, 2] * 5
    assert ben.tolist() == [10, 10]
    assert cid.tolist() == [11, 12, 13]


def test_it_is_the_paired_test_of_student():
    rng = np.random.default_rng(0)
    for count in (2, 3, 8, 40):
        for _ in range(50):
            best = rng.uniform(3, 9, count)
            errors = best + rng.normal(0.3, 0.8, count)
            expected = stats.ttest_rel(errors, best, alternative="greater").pvalue < kept_weights.LEVEL
            assert kept_weights.is_worse(errors, best) == expected


@pytest.mark.parametrize(
    ("errors", "best", "expected"),
    [
        ([5.0], [3.0], False),  # one person says nothing about others
        ([5.0, NAN, NAN], [3.0, NAN, NAN], False),
        ([7.0, NAN, NAN], [3.0, NAN, NAN], True),  # unless it is that much
        ([NAN], [NAN], False),
        ([4.0, 5.0], [3.0, 4.0], True),  # both alike
        ([3.0, 4.0], [3.0, 4.0], False),
        ([4.0, 5.0, NAN], [3.0, 4.0, NAN], True),
        ([9.0, 9.0, 9.0], [], False),
    ],
)
def test_what_cannot_be_told_is_not_worse(errors, best, expected):
    assert kept_weights.is_worse(errors, best) is expected
