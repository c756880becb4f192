"""Positions of frames beside gaps: from times, from the order of decoding, and from shares of a known loss."""

import pytest

from keras_pose.media.gaps import number_frames
from keras_pose.media.packets import PacketFacts


def make_packets(times, failed=(), keyframes=(0,), **changes):
    packets = [PacketFacts(i, time, i in keyframes, False) for i, time in enumerate(times)]
    for i in failed:
        packets[i].failed = True
    for name, values in changes.items():
        for i, value in values.items():
            setattr(packets[i], name, value)
    return packets


def test_without_a_loss_frames_are_counted():
    numbering = number_frames(make_packets([0, 3, 1, 2]), [0, 2, 3, 1], ordered=True)
    assert numbering.positions == (0, 1, 2, 3)
    assert (numbering.count, numbering.missing, numbering.doubtful) == (4, frozenset(), frozenset())


def test_a_failed_packet_is_a_gap_where_its_time_is():
    packets = make_packets([0, 4, 2, 1, 3, 5], failed=[2])
    numbering = number_frames(packets, [0, 3, 4, 1, 5], ordered=True)
    assert numbering.positions == (0, 1, 3, 4, 5)
    assert numbering.missing == {2}


def test_uneven_times_alone_are_no_gap():
    numbering = number_frames(make_packets([0, 1, 2, 7, 8]), range(5), ordered=True)
    assert numbering.positions == (0, 1, 2, 3, 4)


@pytest.mark.parametrize("sign", [{"gap": {3: 900}}, {"corrupt": {3: True}}, {"lost_before": {3: 1}}])
def test_a_hole_in_the_times_near_a_loss_is_a_gap(sign):
    numbering = number_frames(make_packets([0, 10, 20, 60, 70], **sign), range(5), ordered=True)
    assert numbering.positions == (0, 1, 2, 6, 7)
    assert numbering.missing == {3, 4, 5}


def test_two_fields_of_a_frame_are_one_frame():
    # Every frame comes from two packets; both of the third frame fail.
    packets = make_packets(range(12), failed=[4, 5])
    numbering = number_frames(packets, [0, 2, 6, 8, 10], ordered=True)
    assert numbering.positions == (0, 1, 3, 4, 5)


def test_in_decoding_order_a_gap_stands_where_its_packet_failed():
    numbering = number_frames(make_packets(range(6), failed=[0, 3]), [1, 2, 4, 5], ordered=False)
    assert numbering.positions == (1, 2, 4, 5)
    assert numbering.missing == {0, 3}


def test_packets_that_the_index_has_but_not_the_file_are_counted():
    packets = make_packets(range(4), lost_before={0: 2, 2: 1})
    numbering = number_frames(packets, range(4), ordered=False, lost_after=1)
    assert numbering.positions == (2, 3, 5, 6)
    assert numbering.missing == {0, 1, 4, 7}


def test_a_known_loss_is_shared_out_by_the_size_of_the_gaps():
    packets = make_packets(range(4), gap={1: 1000, 3: 2000})
    numbering = number_frames(packets, range(4), ordered=False, lost_in_gaps=3)
    assert numbering.positions == (0, 2, 3, 6)


def test_reordered_frames_get_a_gap_between_keyframes():
    # Shown 0 2 3 1 | 4 6 7 5; packet 2 fails.
    packets = make_packets(range(8), failed=[2], keyframes=(0, 4))
    numbering = number_frames(packets, [0, 3, 1, 4, 6, 7, 5], ordered=False, reorder_depth=2)
    assert numbering.positions[3:] == (4, 5, 6, 7)
    assert len(numbering.missing) == 1
    assert numbering.missing < {1, 2, 3}
    assert {1, 2, 3} - numbering.missing <= numbering.doubtful


def test_what_stands_before_the_first_keyframe_counts_unless_a_stream_may_begin_anywhere():
    packets = make_packets(range(6), failed=[0, 1], keyframes=(2,))
    for may_begin_anywhere, first in ((False, 2), (True, 0)):
        numbering = number_frames(packets, [2, 3, 4, 5], ordered=True, may_begin_anywhere=may_begin_anywhere)
        assert numbering.positions[0] == first


def test_frames_between_a_loss_and_the_next_keyframe_are_doubtful():
    packets = make_packets(range(8), failed=[2], keyframes=(0, 5))
    numbering = number_frames(packets, [0, 1, 3, 4, 5, 6, 7], ordered=True, concealed={7})
    assert numbering.doubtful == {3, 4, 7}


def test_frames_that_come_out_of_order_have_the_places_of_their_times_and_are_doubtful():
    numbering = number_frames(make_packets([0, 1, 2, 3, 4, 5], failed=[1], keyframes=[0, 4]), [0, 3, 2, 4, 5], True)
    assert numbering.positions == (0, 3, 2, 4, 5)
    assert numbering.missing == {1}
    assert numbering.doubtful == {2, 3}


def test_times_of_decoding_do_not_hide_the_order_of_the_decoder():
    shown = [number + step for number in range(0, 30, 3) for step in (0, 2, 1)]
    numbering = number_frames(make_packets(range(30)), shown, ordered=True)
    assert numbering.positions == tuple(range(30))
    assert numbering.doubtful == frozenset()


def test_a_time_that_damage_made_large_is_no_gap():
    packets = make_packets([0, 10, 20, 2**33, 2**33 + 10], gap={3: 900})
    assert number_frames(packets, range(5), ordered=True).count == 5


def test_a_frame_that_comes_again_in_place_of_a_lost_one_has_no_place():
    packets = make_packets(range(6), failed=[5], keyframes=(0, 3))
    numbering = number_frames(packets, [0, 1, 2, 2, 4, None], ordered=False)
    assert numbering.positions == (0, 1, 2, None, 4, None)
    assert numbering.missing == {3, 5}


def test_packets_with_several_frames_are_no_loss():
    numbering = number_frames(make_packets(range(3)), [0, 0, 1, 1, 2], ordered=True)
    assert numbering.positions == (0, 1, 2, 3, 4)
    assert numbering.missing == numbering.doubtful == frozenset()


def test_in_a_short_video_the_rate_tells_how_many_frames_are_lost():
    packets = make_packets([0, 120])
    numbering = number_frames(packets, [0, 1], ordered=True, lost_at_end=True, usual_step=40)
    assert numbering.positions == (0, 3)


def test_a_frame_that_comes_twice_does_not_hide_a_lost_one():
    numbering = number_frames(make_packets(range(5)), [0, 1, 1, 3, 4], ordered=True)
    assert numbering.positions == (0, 1, None, 3, 4)
    assert numbering.missing == {2}


def test_lost_frames_have_the_times_between_the_others():
    packets = make_packets([0, 10, 20, 60, 70], gap={3: 900})
    times = number_frames(packets, range(5), ordered=True).times
    assert times == pytest.approx((0, 10, 20, 30, 40, 50, 60, 70))
    packets = make_packets([0, 4, 2, 1, 3, 5], failed=[2])
    assert number_frames(packets, [0, 3, 4, 1, 5], ordered=True, lost_after=1).times == (0, 1, 2, 3, 4, 5, 6)


def test_times_of_decoding_are_shifted_by_the_delay():
    packets = make_packets([0, 1, 2, 5, 6], lost_before={4: 1})
    assert number_frames(packets, range(5), ordered=False, delay=1).times == (1, 2, 5, 5.5, 6, 7)
    assert number_frames(make_packets([None] * 3), range(3), ordered=False).times == ()
