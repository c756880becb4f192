"""Floats as decimal numbers."""

import numpy as np
import pytest

from serving.local_server.float_text import serving_text, shortest_doubles


def numbers():
    random = np.random.default_rng(0)
    values = np.concatenate(
        [
            random.integers(0, 2**32, 3000, dtype=np.uint32).view(np.float32),
            random.random(3000, dtype=np.float32) * 256,
            np.array([0, -0.0, 0.1, 1e-45, 3.4028235e38, 1e16, 123456.7, 16777217], np.float32),
        ]
    )
    return values[np.isfinite(values)]


def test_the_shortest_doubles_give_the_same_float32_back():
    values = numbers()
    written = shortest_doubles(values)
    np.testing.assert_array_equal(written.astype(np.float32), values)
    for double, single in zip(written.tolist(), values):
        assert len(repr(double)) <= max(len(repr(float(str(single)))), 3)


def test_texts_of_tensorflow_serving_give_the_same_number_back():
    values = numbers()
    np.testing.assert_array_equal(np.array([serving_text(value) for value in values], np.float32), values)
    for value in values.astype(np.float64)[:100] / 3:
        assert float(serving_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [(2, "2.0"), (0.1, "0.1"), (36.1391602, "36.1391602"), (9e6, "9e+06"), (np.nan, "NaN"), (-np.inf, "-Infinity")],
)
def test_a_number_has_6_or_9_digits(value, text):
    assert serving_text(np.float32(value)) == text
