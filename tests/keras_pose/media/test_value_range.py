"""Samples of more than 8 bits become 8 bits: depth from the peak, and rounding."""

import numpy as np
import pytest

from keras_pose.media import value_range


@pytest.mark.parametrize(
    ("peak", "bits"),
    [(0, 8), (255, 8), (256, 10), (1023, 10), (1024, 12), (4095, 12), (4096, 14), (16383, 14), (16384, 16)],
)
def test_the_peak_tells_the_depth(peak, bits):
    assert value_range.significant_bits(peak) == bits
    assert value_range.significant_bits(np.uint16(peak)) == bits


@pytest.mark.parametrize("peak", [-1, 65536])
def test_a_peak_outside_16_bits_is_refused(peak):
    with pytest.raises(ValueError, match=f"0 to 65535, received {peak}"):
        value_range.significant_bits(peak)


@pytest.mark.parametrize("bits", value_range.DEPTHS)
def test_black_stays_black_and_the_largest_value_becomes_255(bits):
    top = 2**bits - 1
    scaled = value_range.to_8_bits(np.array([[0, top, 65535]], np.uint16), bits)
    assert scaled.dtype == np.uint8
    np.testing.assert_array_equal(scaled, [[0, 255, 255]])


@pytest.mark.parametrize("bits", value_range.DEPTHS)
def test_every_value_is_rounded_to_the_nearest(bits):
    values = np.arange(2**bits, dtype=np.uint16)
    exact = values.astype(np.float64) * 255 / (2**bits - 1)
    assert np.abs(value_range.to_8_bits(values, bits) - exact).max() <= 0.5


def test_8_bits_in_16_stay_as_they_are():
    values = np.arange(256, dtype=np.uint16)
    np.testing.assert_array_equal(value_range.to_8_bits(values, 8), values)


def test_another_type_or_depth_is_refused():
    with pytest.raises(ValueError, match="uint16, received uint8"):
        value_range.to_8_bits(np.zeros(3, np.uint8), 8)
    for bits in (7, 17):
        with pytest.raises(ValueError, match=f"8 to 16 bits, received {bits}"):
            value_range.to_8_bits(np.zeros(3, np.uint16), bits)
