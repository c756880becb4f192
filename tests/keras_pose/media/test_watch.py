"""The watch over decoding: whole order passes, each kind of gap is damage."""

import types

import pytest

from keras_pose.media.packets import PacketFacts
from keras_pose.media.watch import DamageError, Watch


def run(times, frames, ordered=True, depth=0, stated_after=0, **changes):
    """Enters packets with these times, each followed by its frames, [(number of packet after which, packet)]."""
    fields = {"lost_after": 0, "end_gap": 0, "indexed": False, **changes}
    reader = types.SimpleNamespace(
        ordered=ordered, reorder_depth=depth, stated_after=lambda last: stated_after, **fields
    )
    watch = Watch(reader)
    for number, time in enumerate(times):
        facts = PacketFacts(number, time, number == 0, False)
        watch.enter(facts, False)
        for after, pts in frames:
            if after == number:
                watch.leave(types.SimpleNamespace(pts=pts, is_corrupt=False))
    watch.enter(None, False)
    watch.finish()


def test_frames_in_order_pass():
    run([0, 1, 2], [(0, 0), (1, 1), (2, 2)])
    run([0, 3, 1, 2], [(1, 0), (2, 2), (3, 3), (3, 1)])
    run([None] * 3, [(0, 0), (1, 1), (2, 2)], ordered=False)


@pytest.mark.parametrize(
    ("times", "frames", "fields"),
    [
        ([0, 1, 2], [(1, 1), (2, 2)], {}),
        ([0, 1, 2], [(0, 0), (2, 2)], {}),
        ([0, 1, 2], [(0, 0), (1, 1)], {}),
        ([0, 1, 2], [(0, 0), (2, 2), (2, 1)], {}),
        ([None] * 3, [(0, 0), (2, 2)], {"ordered": False}),
        ([None] * 3, [(0, 0), (1, 1)], {"ordered": False}),
        ([0, 1], [(0, 0), (1, 1)], {"lost_after": 1}),
        ([0, 1], [(0, 0), (1, 1)], {"end_gap": 1000, "stated_after": 3}),
    ],
)
def test_a_frame_that_is_missing_is_damage(times, frames, fields):
    with pytest.raises(DamageError):
        run(times, frames, **fields)


def test_errors_and_lost_packets_are_damage():
    reader = types.SimpleNamespace(ordered=True, reorder_depth=0)
    with pytest.raises(DamageError):
        Watch(reader).enter(PacketFacts(0, 0, True, False), True)
    with pytest.raises(DamageError):
        Watch(reader).enter(PacketFacts(0, 0, True, False, gap=9), False)
    with pytest.raises(DamageError):
        Watch(reader).leave(types.SimpleNamespace(pts=0, is_corrupt=True))


def test_silent_packets_are_not_waited_for():
    reader = types.SimpleNamespace(ordered=True, reorder_depth=0, lost_after=0, end_gap=0, indexed=True)
    watch = Watch(reader)
    for number in range(3):
        watch.enter(PacketFacts(number, number, number == 0, False, silent=number == 1), False)
        if number != 1:
            watch.leave(types.SimpleNamespace(pts=number, is_corrupt=False))
    watch.finish()
