"""Parts of a batch: they see the numbers of the whole batch, and steps in their order."""

import numpy as np
import tensorflow as tf

from keras_pose.data.batch_part import BatchPart, Share, draw_uniform

SEED = tf.constant([3, 4], tf.int64)


def test_numbers_of_a_part_are_those_of_the_whole_batch():
    whole = draw_uniform(SEED, tf.constant(6), [2, 1], -1.0, 1.0)
    part = draw_uniform(SEED, tf.constant(2), [2, 1], -1.0, 1.0, BatchPart(tf.constant(3, tf.int64), 6))
    np.testing.assert_array_equal(part, whole[3:5])
    assert float(tf.reduce_min(whole)) < 0


def test_a_part_is_cut_along_any_axis():
    draws = tf.reshape(tf.range(12), [2, 6])
    cut = BatchPart(tf.constant(2, tf.int64), 6).cut(draws, tf.constant(3), axis=1)
    np.testing.assert_array_equal(cut, [[2, 3, 4], [8, 9, 10]])


def test_each_part_of_a_share_follows_in_each_step():
    pairs = [tuple(map(int, pair)) for pair in Share(2, 2, 4).split_steps(5, 7)]
    assert pairs == [(5, 2), (5, 3), (6, 2), (6, 3)]
    assert [tuple(map(int, pair)) for pair in Share().split_steps(0, 2)] == [(0, 0), (1, 0)]
