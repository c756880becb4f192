"""An item has the same result in any batch, with any number of threads."""

import concurrent.futures

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.inference.lite_graph import LiteGraph, count_cores, count_products, trace

KERNEL = np.random.default_rng(0).normal(size=(3, 3, 4, 5)).astype(np.float32)
ITEMS = np.random.default_rng(1).integers(0, 256, (7, 16, 12, 4), np.uint8)


def convolve(items):
    return tf.nn.relu(tf.nn.conv2d(items / 255.0, KERNEL, 1, "SAME"))


@pytest.fixture(scope="module")
def expected():
    return convolve(ITEMS.astype(np.float32)).numpy()


@pytest.mark.parametrize(("threads", "workers"), [(1, 1), (2, 1), (1, 3), (2, 3)])
def test_an_item_has_the_same_result_in_any_batch(expected, threads, workers):
    graph = LiteGraph(trace(convolve, [1, 16, 12, 4]), threads, workers)
    single = np.concatenate([graph(ITEMS[i : i + 1]) for i in range(len(ITEMS))])
    np.testing.assert_allclose(single, expected, atol=1e-5)
    for count in (0, 2, 3, 7):
        np.testing.assert_array_equal(graph(ITEMS[:count]), single[:count])


def test_threads_may_share_a_graph(expected):
    graph = LiteGraph(trace(convolve, [1, 16, 12, 4]), threads=2, workers=2)
    with concurrent.futures.ThreadPoolExecutor(4) as executor:
        for found in executor.map(lambda i: graph(ITEMS[i : i + 1 + i % 2]), list(range(6)) * 5):
            assert found.shape[1:] == (16, 12, 5)
        found = list(executor.map(lambda i: graph(ITEMS[i : i + 1])[0], range(7)))
    np.testing.assert_allclose(np.stack(found), expected, atol=1e-5)


def test_multiplications_are_counted():
    assert count_products(trace(convolve, [1, 16, 12, 4])) == 16 * 12 * 5 * 9 * 4
    depthwise = trace(lambda x: tf.nn.depthwise_conv2d(x, KERNEL[..., :1], [1, 2, 2, 1], "SAME"), [1, 16, 12, 4])
    assert count_products(depthwise) == 8 * 6 * 4 * 9
    dense = trace(lambda x: tf.matmul(tf.reshape(x, [1, -1]), np.ones((48, 6), np.float32)), [1, 4, 3, 4])
    assert count_products(dense) == 48 * 6


def test_cores_are_at_most_tensorflows_threads(monkeypatch):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    assert count_cores() == 1
