import numpy as np
import pytest

from keras_pose.tracking.region_shapes import FrameShape, center_of


def test_span_is_the_height_of_the_input_shape_around_a_box():
    shape = FrameShape((480, 640), aspect=2.0)
    assert shape.span((100, 80)) == 80
    assert shape.span((300, 80)) == 150
    assert shape.whole_span() == 480
    assert FrameShape((480, 640)).whole_span() == 640


@pytest.mark.parametrize("aspect", [0.75, 1.0, 1.4])
@pytest.mark.parametrize("size_hw", [(480, 640), (641, 359), (100, 100)])
def test_regions_lie_in_the_frame_with_whole_px(aspect, size_hw):
    shape = FrameShape(size_hw, aspect)
    rng = np.random.default_rng(0)
    for _ in range(200):
        center = rng.uniform(-50, 700, 2)
        span = rng.uniform(5, 900)
        left, top, width, height = region = shape.place(center, span)
        assert all(isinstance(v, float) and v == int(v) for v in region)
        assert min(left, top) >= 0
        assert left + width <= size_hw[1]
        assert top + height <= size_hw[0]
        if span < shape.whole_span():
            assert width == min(round(span * aspect), size_hw[1])
            assert height == min(round(span), size_hw[0])
        else:
            assert region == shape.whole()


def test_a_region_is_centred_where_the_frame_allows():
    shape = FrameShape((100, 200))
    assert center_of(shape.place((90, 40), 40)) == (90, 40)
    assert shape.place((0, 0), 40) == (0, 0, 40, 40)
    assert shape.place((199, 99), 40) == (160, 60, 40, 40)


def test_a_box_is_enlarged_about_its_centre():
    assert FrameShape((100, 200)).around((60, 30, 20, 40), 1.25) == (45, 25, 50, 50)


@pytest.mark.parametrize(
    ("size_hw", "aspect"), [((480, 640), 1.0), ((481, 333), 1.0), ((240, 320), 1.4), ((300, 300), 0.7)]
)
def test_somebody_of_half_a_window_lies_in_a_window_of_each_level(size_hw, aspect):
    shape = FrameShape(size_hw, aspect)
    windows = np.array(shape.search_windows(step=1.8, levels=2))
    assert tuple(windows[0]) == shape.whole()
    rng = np.random.default_rng(0)
    for level in (1, 2):
        height = shape.whole_span() / 1.8**level / 2 - 2
        box = np.array([min(height * aspect, size_hw[1] / 2 - 2), min(height, size_hw[0] / 2 - 2)])
        sizes = windows[:, 2:].max(-1)
        same = windows[np.abs(sizes - sorted(set(sizes))[-1 - level]) < 1]
        for _ in range(300):
            low = rng.uniform(0, np.array(size_hw[::-1]) - box)
            inside = (same[:, :2] <= low).all(-1) & (same[:, :2] + same[:, 2:] >= low + box).all(-1)
            assert inside.any(), (level, low, box)
