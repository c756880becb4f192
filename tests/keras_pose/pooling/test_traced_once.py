"""Graphs of one line of code are traced once each, without a warning."""

import logging

import numpy as np

from keras_pose.pooling.traced_once import TracedOnce


def test_many_graphs_of_one_line_are_traced_once_each_without_a_warning(caplog):
    traced = []

    def open_graph(factor):
        def multiply(array, other):
            traced.append(factor)
            return factor * array + other

        return TracedOnce(multiply)

    with caplog.at_level(logging.WARNING, logger="tensorflow"):
        graphs = [open_graph(factor) for factor in range(12)]
        for value in (1.0, 2.0, 3.0):
            for factor, graph in enumerate(graphs):
                result = graph(np.full([2], value, np.float32), np.ones([2], np.float32))
                np.testing.assert_array_equal(result, [factor * value + 1] * 2)
    assert traced == list(range(12))
    assert caplog.records == []
