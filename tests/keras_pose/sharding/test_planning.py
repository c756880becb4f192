"""Which frames go into which shard."""

import numpy as np
import pytest

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.sharding import planning


class Damaged(ArrayFrames):
    missing = frozenset({3})


def make_clip(labelled, kind=ArrayFrames):
    joints = np.zeros((len(labelled), 1, 2))
    return Clip("clip", kind(np.zeros((9, 4, 4, 3))), labelled, joints, np.full((len(labelled), 1), 2))


@pytest.mark.parametrize(
    ("labelled", "all_frames", "window", "expected"),
    [
        ([2, 6], False, 0, [2, 6]),
        ([2, 6], False, 1, [1, 2, 3, 5, 6, 7]),
        ([0, 8], False, 2, [0, 1, 2, 6, 7, 8]),  # no frames before the first or after the last
        ([2], True, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    ],
)
def test_labelled_frames_and_their_neighbours_are_chosen(labelled, all_frames, window, expected):
    found = planning.choose_records(make_clip(labelled), all_frames, window)
    assert found == [(position, False) for position in expected]


def test_a_damaged_frame_is_not_stored():
    clip = make_clip([2, 5], Damaged)
    assert [p for p, _ in planning.choose_records(clip, False, 2)] == [0, 1, 2, 4, 5, 6, 7]
    assert [p for p, _ in planning.choose_records(clip, True, 0)] == [0, 1, 2, 4, 5, 6, 7, 8]


def test_shards_are_filled_in_order():
    records = [[(p, False) for p in range(count)] for count in (3, 5, 0, 1)]
    shards = planning.plan_shards(records, 4)
    assert [[(part.clip, [p for p, _ in part.records]) for part in shard] for shard in shards] == [
        [(0, [0, 1, 2]), (1, [0])],
        [(1, [1, 2, 3, 4])],
        [(3, [0])],
    ]
