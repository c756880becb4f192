"""The temporal step of the tracks of a video, with a window that needs no net: each pose sums its neighbours."""

import threading

import numpy as np
import pytest

from keras_pose.analysis.parts import PartStore
from keras_pose.analysis.rows import Row
from keras_pose.analysis.temporal_step import Seen, TemporalStep
from keras_pose.inference.engine import Engine, Track, View
from keras_pose.inference.pose_model import FramePose

PART_FRAMES = 4
VIEW = View(np.zeros((2, 2, 3), np.uint8), None, 2.0)
BOX = (0.0, 0.0, 2.0, 2.0)


class SumOfNeighbours(Track):
    """A pose is the sum of the numbers of its window: the frame, and one at each side."""

    def __init__(self):
        self._window = []  # (number, output)

    def push(self, number, view, output):
        if self._window and number != self._window[-1][0] + 1:
            yield from self.end_scene()
        self._window.append((number, output))
        if len(self._window) >= 2:
            yield self._make(len(self._window) - 2)

    def end_scene(self):
        if self._window:
            yield self._make(len(self._window) - 1)
        self._window = []

    def restart(self):
        self._window = []

    def _make(self, place):
        window = self._window[max(0, place - 1) : place + 2]
        return self._window[place][0], sum(output for _, output in window)


class Sums(Engine):
    reach = 1
    lag_frames = 1

    def __init__(self):
        self.opened = 0

    def view(self, frame, region=None):
        return VIEW

    def run(self, views):
        return [1.0] * len(views)

    def single_poses(self, views, outputs):
        return []

    def open_track(self):
        self.opened += 1
        return SumOfNeighbours()

    def finish(self, pooled):
        return [FramePose(n, np.full((1, 2), value, np.float32), np.ones(1, np.float32)) for n, value in pooled]


def seen(number, people=("a",), decoded=True):
    names = people if decoded else ()
    row = Row(number, number / 25, decoded, dict.fromkeys(names, BOX))
    return Seen(row, dict.fromkeys(names, VIEW), dict.fromkeys(names, float(number)))


def pool(frames, engine=None, begin=0, groups=3):
    """Returns the parts that the temporal step makes of frames."""
    store = PartStore()
    step = TemporalStep(engine or Sums(), store, begin, PART_FRAMES, num_joints=1)
    try:
        for start in range(0, len(frames), groups):
            group = frames[start : start + groups]
            last = group[-1].row.number
            step.submit(group, last, {"behind": last} if (last + 1) % PART_FRAMES == 0 else None)
        step.finish()
    finally:
        step.close()
    return store


def values(store, first=0, place=0):
    parts = [store.read(first + k) for k in range(store.count_from(first))]
    return np.concatenate([part["joints"][:, place, 0, 0] for part in parts]).tolist()


@pytest.mark.parametrize("groups", [1, 3, 4, 10])
def test_poses_do_not_depend_on_the_groups(groups):
    store = pool([seen(number) for number in range(10)], groups=groups)
    assert values(store) == [1, 3, 6, 9, 12, 15, 18, 21, 24, 17]
    assert [len(store.read(k)["frames"]) for k in range(store.count_from(0))] == [4, 4, 2]


def test_a_part_holds_the_state_behind_it():
    store = pool([seen(number) for number in range(9)], groups=1)
    assert [str(store.read(k)["state"]) for k in range(3)] == ['{"behind": 3}', '{"behind": 7}', "{}"]


def test_windows_end_at_a_damaged_frame():
    store = pool([seen(number, decoded=number != 4) for number in range(8)])
    assert values(store)[:4] == [1, 3, 6, 5]
    assert np.isnan(values(store)[4])
    assert values(store)[5:] == [11, 18, 13]
    assert store.read(1)["decoded"].tolist() == [False, True, True, True]


def test_the_window_of_somebody_who_leaves_ends_and_the_track_serves_the_next_one():
    engine = Sums()
    frames = [seen(n, ("a", "b") if n < 4 else ("a",) if n < 8 else ("a", "c")) for n in range(12)]
    store = pool(frames, engine)
    assert [store.read(k)["people"].tolist() for k in range(3)] == [["a", "b"], ["a"], ["a", "c"]]
    assert store.read(0)["joints"][:, 1, 0, 0].tolist() == [1, 3, 6, 5]
    assert store.read(2)["joints"][:, 1, 0, 0].tolist() == [17, 27, 30, 21]
    assert engine.opened == 2


def test_frames_before_the_first_one_are_neighbours_only():
    store = pool([seen(number) for number in range(2, 8)], begin=4)
    assert values(store, first=1) == [12, 15, 18, 13]
    assert store.count_from(0) == 0


def test_an_error_of_the_thread_reaches_those_who_submit():
    class Failing(Sums):
        def finish(self, pooled):
            raise ValueError("a pose that is none")

    before = threading.active_count()
    with pytest.raises(ValueError, match="a pose that is none"):
        pool([seen(number) for number in range(20)], Failing())
    assert threading.active_count() == before
