"""Items that a thread makes ahead: order, errors, bounded waiting, and an end whether or not all were read."""

import itertools
import threading
import time

import pytest

from keras_pose.media.read_ahead import read_ahead


def test_items_come_in_order_from_another_thread():
    makers = set()

    def make():
        for i in range(50):
            makers.add(threading.current_thread())
            yield i

    with read_ahead(make(), 3) as items:
        assert list(items) == list(range(50))
    assert len(makers) == 1
    assert threading.current_thread() not in makers


def test_an_error_comes_where_the_item_would():
    def make():
        yield 1
        raise ValueError("frame 1 is damaged")

    with read_ahead(make()) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="frame 1 is damaged"):
            next(items)


def test_no_more_than_the_depth_waits_and_the_generator_is_closed_if_reading_stops():
    made = []
    closed = []

    def make():
        try:
            for i in itertools.count():
                made.append(i)
                yield i
        finally:
            closed.append(True)

    before = threading.active_count()
    with read_ahead(make(), 2) as items:
        assert next(items) == 0
        time.sleep(0.2)
        assert made == [0, 1, 2, 3]  # one was read, two wait, one waits for room
    assert closed == [True]
    assert threading.active_count() == before


def test_stages_can_follow_each_other_and_stop_together():
    before = threading.active_count()
    with read_ahead(itertools.count(), 2) as numbers, read_ahead((2 * n for n in numbers), 2) as doubled:
        assert list(itertools.islice(doubled, 5)) == [0, 2, 4, 6, 8]
    assert threading.active_count() == before
