"""What is kept of a frame whose region the net sees: enough, inside the frame, and mapped as the frame itself."""

import numpy as np
import pytest

from keras_pose import geometry
from keras_pose.data import frame_cuts


def fit(region, size_hw=(100, 160), input_size_hw=(32, 32)):
    return geometry.CropTransform.fit(size_hw, input_size_hw, region)


def test_the_surroundings_of_a_region_are_kept():
    cut = frame_cuts.around_input(fit((60, 30, 40, 40)))
    assert (cut.left, cut.top, cut.width, cut.height) == (50, 20, 60, 60)  # 1.5 times as far
    frame = np.arange(100 * 160 * 3, dtype=np.uint8).reshape(100, 160, 3)
    np.testing.assert_array_equal(cut.take(frame), frame[20:80, 50:110])


def test_an_input_of_another_shape_shows_more_than_the_region():
    cut = frame_cuts.around_input(fit((60, 30, 40, 40), input_size_hw=(32, 64)))
    assert (cut.left, cut.top, cut.width, cut.height) == (20, 20, 120, 60)


def test_nothing_is_kept_beyond_the_border():
    cut = frame_cuts.around_input(fit((-30, 70, 60, 60)))
    assert (cut.left, cut.top, cut.width, cut.height) == (0, 55, 45, 45)
    far = frame_cuts.around_input(fit((500, -300, 40, 40)))
    assert (far.left, far.top, far.width, far.height) == (159, 0, 1, 1)


@pytest.mark.parametrize("region", [(60.3, 30.7, 40, 40), (-20, -20, 130, 130), (3, 5, 90, 90)])
def test_points_of_the_part_are_where_the_frame_maps_them(region):
    crop = fit(region)
    cut = frame_cuts.around_input(crop)
    size_hw = cut.reduced_size_hw()
    assert size_hw[0] in (cut.height, cut.height // 2, cut.height // 3, cut.height // 4)
    points = np.array([[70.0, 40.0], [51.0, 30.0]])
    in_part = geometry.transform_points(
        points - [cut.left, cut.top], geometry.scaling(size_hw[1] / cut.width, size_hw[0] / cut.height)
    )
    mapped = geometry.transform_points(in_part, cut.grid_matrix(size_hw))
    np.testing.assert_allclose(mapped, crop.to_input(points), atol=1e-3)


def test_a_whole_frame_is_kept_whole():
    crop = geometry.CropTransform.fit((100, 160), (32, 32))
    cut = frame_cuts.whole_frame(crop)
    assert (cut.left, cut.top, cut.width, cut.height) == (0, 0, 160, 100)
    assert cut.reduced_size_hw() == crop.reduction()[0]
