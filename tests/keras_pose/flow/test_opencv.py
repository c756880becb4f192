"""Optical flow by OpenCV on grey frames."""

import concurrent.futures

import cv2
import numpy as np
import pytest

from keras_pose.flow import names, opencv
from keras_pose.flow.composition_numpy import pixel_grid
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


def affine_pair(matrix, size_hw=(128, 144)):
    """Two grey frames, and the flow between them about the centre: p goes to matrix @ p."""
    source = grey_texture((0, 0), size_hw, seed=3)[0]
    grid = np.stack(pixel_grid(*size_hw), axis=-1)
    centre = np.float32(size_hw[::-1]) / 2
    flow = (grid - centre) @ (np.float32(matrix) - np.eye(2, dtype=np.float32)).T
    at = grid + flow
    return cv2.remap(source, at[..., 0], at[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), source, flow


@pytest.mark.parametrize("name", ["farneback_gaussian", "farneback_half"])
@pytest.mark.parametrize(
    "matrix", [((0.9986, -0.0523), (0.0523, 0.9986)), ((1.04, 0), (0, 1.04))], ids=["rotation by 3°", "scale by 4 %"]
)
def test_rotation_and_scale_are_found(name, matrix):
    target, source, truth = affine_pair(matrix)
    errors = np.linalg.norm(opencv.CORE[name](target, source) - truth, axis=-1)[12:-12, 12:-12]
    assert np.median(errors) < 0.15
    assert np.percentile(errors, 90) < 0.4
    assert np.median(np.linalg.norm(truth, axis=-1)) > 1.5


@pytest.mark.parametrize("size_hw", [(96, 96), (75, 101), (33, 64)])
def test_half_size_flow_is_the_enlarged_flow_of_smaller_frames(size_hw):
    target, source = grey_texture((2, -1), size_hw)
    small_hw = tuple((side + 1) // 2 for side in size_hw)
    small = [cv2.resize(frame, small_hw[::-1], interpolation=cv2.INTER_AREA) for frame in (target, source)]
    expected = opencv.farneback_gaussian(*small)
    scale = np.float32(size_hw[::-1]) / np.float32(small_hw[::-1])
    flow = opencv.farneback_half(target, source)
    assert flow.shape == (*size_hw, 2)
    assert flow.dtype == np.float32
    np.testing.assert_allclose(flow, cv2.resize(expected, size_hw[::-1]) * scale, atol=1e-5)
    inner = flow[8:-8, 8:-8].reshape(-1, 2)
    np.testing.assert_allclose(np.median(inner, axis=0), (2, -1), atol=0.15)


def test_a_small_patch_that_moves_is_followed_where_fast_dis_loses_it():
    target = np.zeros((96, 96), np.uint8) + grey_texture((0, 0), seed=5)[0] // 8
    source = target.copy()
    patch = grey_texture((0, 0), (14, 14), seed=6)[0]
    target[40:54, 40:54] = patch
    source[40:54, 44:58] = patch  # moved to the right by 4 px
    errors = {
        name: np.linalg.norm(opencv.CORE[name](target, source)[42:52, 42:52] - np.float32((4, 0)), axis=-1).mean()
        for name in ("farneback_gaussian", "dis_fast")
    }
    assert errors["farneback_gaussian"] < 0.1
    assert errors["dis_fast"] > 0.4


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
