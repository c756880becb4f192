"""Optical flow by OpenCV on grey frames."""

import concurrent.futures

import cv2
import numpy as np
import pytest

from keras_pose.flow import names, opencv
from tests.helpers.motion import shifted_texture

EVERY = {**opencv.CORE, **opencv.CONTRIB}


def find_algorithm(name):
    if name in opencv.CONTRIB and not opencv.has_contrib():
        pytest.skip("opencv-contrib is not installed")
    return EVERY[name]


def grey_texture(shift_xy, size_hw=(96, 96), seed=0):
    return [opencv.to_grey(frame) for frame in shifted_texture(shift_xy, size_hw, seed)]


def test_every_name_has_an_algorithm():
    assert tuple(opencv.CORE) == names.CORE
    assert tuple(opencv.CONTRIB) == names.CONTRIB


def test_contrib_is_found_if_it_can_be_used():
    assert opencv.has_contrib() == hasattr(cv2, "optflow")


@pytest.mark.parametrize("name", EVERY)
def test_a_translation_is_found_with_its_sign(name):
    flow = find_algorithm(name)(*grey_texture((2, -3)))
    assert flow.shape == (96, 96, 2)
    assert flow.dtype == np.float32
    assert np.median(np.linalg.norm(flow - np.float32((2, -3)), axis=-1)) < 0.2


@pytest.mark.parametrize("name", opencv.CORE)
def test_frames_that_are_views_or_read_only_are_taken(name):
    target, source = grey_texture((2, 1))
    expected = opencv.CORE[name](target.copy(), source.copy())
    frozen = source.copy()
    frozen.flags.writeable = False
    np.testing.assert_array_equal(opencv.CORE[name](target, frozen), expected)
    # A mirrored frame has negative strides.
    mirrored = opencv.CORE[name](target[:, ::-1], source[:, ::-1])
    np.testing.assert_array_equal(mirrored, opencv.CORE[name](target[:, ::-1].copy(), source[:, ::-1].copy()))


@pytest.mark.parametrize("name", opencv.CORE)
def test_frames_seen_before_do_not_matter(name):
    target, source = grey_texture((3, 2))
    expected = opencv.CORE[name](target, source)
    opencv.CORE[name](*grey_texture((1, 1), (40, 40)))  # a DIS object that was kept would now use other scales
    np.testing.assert_array_equal(opencv.CORE[name](target, source), expected)


@pytest.mark.parametrize("name", opencv.CORE)
def test_threads_share_a_function(name):
    pairs = [grey_texture((k % 3 - 1, k % 2), (64, 64 + 8 * (k % 2)), seed=k) for k in range(6)]
    expected = [opencv.CORE[name](*pair) for pair in pairs]
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda pair: opencv.CORE[name](*pair), pairs))
    for flow, single in zip(found, expected):
        np.testing.assert_allclose(flow, single, atol=1e-4)


def test_variational_flow_is_better_with_its_pyramid():
    """7 px are too far for one linearisation: the coarse levels find them."""
    flow = opencv.variational(*grey_texture((7, 0)))
    assert np.median(np.linalg.norm(flow - np.float32((7, 0)), axis=-1)) < 0.2


def test_grey_is_the_weighted_mean_of_the_colours():
    image = np.random.default_rng(0).integers(0, 256, (5, 6, 3)).astype(np.uint8)
    grey = opencv.to_grey(image)
    assert grey.dtype == np.uint8
    np.testing.assert_allclose(grey, image @ np.array([0.299, 0.587, 0.114]), atol=0.51)
    assert opencv.to_grey(grey) is grey
