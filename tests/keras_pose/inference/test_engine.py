"""What a model sees of a frame, and the way back."""

import numpy as np
import pytest

from keras_pose.inference.engine import View, longer_side, view_fitted, view_whole_or_fitted

FRAME = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)


def test_a_fitted_view_maps_its_corners_back_to_the_region():
    view = view_fitted(FRAME, (16, 8, 32, 32), (64, 64))
    assert view.image.shape == (64, 64, 3)
    assert view.side_px == 32
    edges = np.array([[-0.5, -0.5], [63.5, 63.5]])
    np.testing.assert_allclose(view.to_frame(edges), [[15.5, 7.5], [47.5, 39.5]])


def test_by_default_the_whole_frame_is_fitted():
    view = view_fitted(FRAME, None, (64, 64))
    np.testing.assert_array_equal(view.image[8:56], FRAME)  # centred, the rest is border
    assert view.side_px == longer_side(FRAME, None) == 64
    np.testing.assert_allclose(view.to_frame(np.array([[10.0, 20.0]])), [[10, 12]])


def test_a_model_that_fits_frames_itself_gets_the_frame():
    for region in (None, (0.0, 0.0, 64.0, 48.0)):
        view = view_whole_or_fitted(FRAME, region, None)
        assert view.image is FRAME
        points = np.array([[1.0, 2.0]], np.float32)
        assert view.to_frame(points) is points
    assert view_whole_or_fitted(FRAME, (0, 0, 32, 48), (64, 64)).image.shape == (64, 64, 3)
    with pytest.raises(ValueError, match="region: expected the whole frame"):
        view_whole_or_fitted(FRAME, (0, 0, 32, 48), None)


def test_a_view_without_a_crop_has_px_of_the_frame():
    assert View(FRAME, None, 64.0).to_frame(np.array([3.0, 4.0])).tolist() == [3, 4]
