"""What became of packets: lost, silent by nature, before the beginning, or doubtful."""

import pytest

from keras_pose.media.losses import find_doubtful, find_losses, is_plausible, places_of_loss, span_of_end
from keras_pose.media.packets import PacketFacts


def make_packets(count=8, times=None, keyframes=(0, 4), **changes):
    packets = [PacketFacts(i, i if times is None else times[i], i in keyframes, False) for i in range(count)]
    for name, numbers in changes.items():
        for number in numbers:
            setattr(packets[number], name, True)
    return packets


def find(packets, shown, ordered=True, may_begin_anywhere=False, exact=True):
    losses = find_losses(packets, set(shown), ordered, may_begin_anywhere, exact)
    return [packet.number for packet in losses.kept], sorted(losses.lost), losses.silent


def test_a_packet_without_a_frame_is_lost_without_an_error_too():
    assert find(make_packets(), [0, 1, 2, 4, 5, 6, 7]) == (list(range(8)), [3], False)


@pytest.mark.parametrize("sign", ["silent", "discard"])
def test_silent_packets_and_those_that_are_not_shown_have_no_place(sign):
    for failed in ((), (3,)):
        packets = make_packets(**{sign: [3]}, failed=failed)
        assert find(packets, [0, 1, 2, 4, 5, 6, 7]) == ([0, 1, 2, 4, 5, 6, 7], [], False)


def test_packets_before_the_first_frame_are_lost_where_the_container_lists_them():
    for keyframes in ((0, 4), (4,)):  # a damaged keyframe may not be known as one
        packets = make_packets(keyframes=keyframes)
        assert find(packets, range(4, 8)) == (list(range(8)), [0, 1, 2, 3], False)


def test_a_stream_that_may_begin_anywhere_begins_with_its_first_keyframe():
    assert find(make_packets(keyframes=(4,)), range(4, 8), may_begin_anywhere=True) == ([4, 5, 6, 7], [], False)


def test_frames_that_rest_on_what_was_before_the_beginning_have_no_place():
    packets = make_packets(times=[3, 1, 2, 6, 4, 5, 8, 7])  # an open group: 1 and 2 need a frame before 3
    assert find(packets, [0, 3, 4, 5, 6, 7]) == ([0, 3, 4, 5, 6, 7], [], False)
    packets[1].failed = True
    assert find(packets, [0, 3, 4, 5, 6, 7])[1] == [1]


def test_other_codecs_may_have_silent_packets_until_damage_is_seen():
    assert find(make_packets(), [0, 2, 3, 4, 5, 6, 7], exact=False) == ([0, 2, 3, 4, 5, 6, 7], [], True)
    assert find(make_packets(failed=[2]), [0, 1, 4, 5, 6, 7], exact=False) == (list(range(8)), [2, 3], False)


def test_two_fields_in_two_packets_are_one_frame():
    assert find(make_packets(), [0, 2, 4, 6]) == ([0, 2, 4, 6], [], True)


def test_spans_of_loss_reach_a_few_packets_around_it():
    packets = make_packets(30)
    packets[20].gap = 100
    losses = find_losses(packets, set(range(30)), True, False, True)
    assert places_of_loss(losses, ()) == [(12, 28)]
    assert places_of_loss(losses, {2}) == [(0, 10), (12, 28)]
    assert span_of_end(losses.kept) == (22, float("inf"))


def test_frames_from_a_loss_to_the_next_keyframe_are_doubtful():
    packets = make_packets()
    assert find_doubtful(packets, {1}, {0: 0, 2: 2, 3: 3, 4: 4, 5: 5}) == {2, 3}
    assert find_doubtful(packets, set(), {i: i for i in range(8)}) == frozenset()


def test_a_loss_of_many_times_the_video_is_not_believed():
    assert is_plausible(250, 3)
    assert is_plausible(10_000, 1000)
    assert not is_plausible(251, 3)
    assert not is_plausible(10_001, 1000)


def test_frames_behind_a_keyframe_that_are_shown_before_it_are_doubtful_too():
    packets = make_packets(times=[0, 1, 2, 3, 6, 4, 5, 7])
    positions = {packet.number: packet.time for packet in packets}
    assert find_doubtful(packets, {2}, positions) == {2, 3, 4, 5}
    assert find_doubtful(packets, {2}, positions, ordered=False) == {2, 3}
