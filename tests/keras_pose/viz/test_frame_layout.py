"""Where panels, names, legend and caption stand."""

import itertools

import numpy as np
import pytest

from keras_pose.skeleton import UPPER_BODY, Skeleton
from keras_pose.viz import pose_marks
from keras_pose.viz.frame_layout import FrameLayout, format_caption
from keras_pose.viz.label_style import Run, Style
from keras_pose.viz.text import PAPER


def runs(count):
    return [Run(f"run {i}", UPPER_BODY) for i in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("size_hw", [(480, 640), (2160, 3840), (99, 71)])
def test_panels_have_the_proportions_of_the_frame_and_do_not_overlap(count, size_hw):
    layout = FrameLayout(size_hw, runs(count), Style())
    canvas = layout.draw_blank()
    assert canvas.shape == (*layout.size_hw, 3)
    uses = np.zeros(canvas.shape, np.uint8)
    for place in range(count):
        panel = layout.panel(uses, place)
        assert panel.shape[:2] == layout.panel_hw
        panel += 1
    assert uses.max() == 1
    height, width = layout.panel_hw
    assert height / width == pytest.approx(size_hw[0] / size_hw[1], rel=0.02)
    assert max(canvas.shape) < 2200
    paper = canvas[uses.max(-1) == 0]
    assert (paper != PAPER).any()  # names and legend
    assert (canvas[uses.max(-1) == 1] == PAPER).all()  # which stand beside the panels only


def test_small_frames_are_enlarged_and_large_ones_reduced():
    assert FrameLayout((48, 64), runs(1), Style()).panel_hw == (360, 480)
    assert FrameLayout((480, 640), runs(1), Style()).panel_hw == (480, 640)
    assert FrameLayout((2160, 3840), runs(1), Style()).panel_hw == (1080, 1920)
    assert FrameLayout((2160, 3840), runs(2), Style()).panel_hw == (540, 960)
    assert FrameLayout((48, 64), runs(1), Style(least_side_px=16)).panel_hw == (48, 64)


def test_without_a_caption_a_single_run_is_the_frame_alone():
    assert FrameLayout((480, 640), runs(1), Style(caption=False)).size_hw == (480, 640)


def test_the_caption_tells_time_and_number():
    assert format_caption(7, 0.28) == "0:00.28 · frame 7"
    assert format_caption(1234, 59.999) == "1:00.00 · frame 1234"
    assert format_caption(99, 3723.456) == "1:02:03.46 · frame 99"
    assert format_caption(7, float("nan")) == "frame 7"
    layout = FrameLayout((480, 640), runs(1), Style())
    pictures = []
    for number in (7, 8):
        canvas = layout.draw_blank()
        before = canvas.copy()
        layout.put_caption(canvas, number, 0.28)
        rows = np.nonzero((canvas != before).any((1, 2)))[0]
        assert rows.min() >= 480
        pictures.append(canvas)
    assert (pictures[0] != pictures[1]).any()


def test_the_legend_shows_sides_if_there_are_any_and_what_there_is_room_for():
    def colors(size_hw, skeleton=UPPER_BODY, **style):
        canvas = FrameLayout(size_hw, [Run("a", skeleton)], Style(least_side_px=16, **style)).draw_blank()
        return {tuple(color) for color in canvas.reshape(-1, 3).tolist()}

    left, right = pose_marks.LEFT_COLOR, pose_marks.RIGHT_COLOR
    assert {left, right} <= colors((480, 640))
    assert not {left, right} & colors((480, 640), Skeleton("mouse", ("nose", "tail")))
    assert left in colors((480, 300)) or colors((480, 300)) == {PAPER}
    assert colors((64, 64)) == {PAPER}


def test_a_run_is_needed():
    with pytest.raises(ValueError, match="at least one run to draw"):
        FrameLayout((480, 640), [], Style())


def test_names_stand_above_their_panels():
    layout = FrameLayout((240, 320), [Run("", UPPER_BODY), Run("second", UPPER_BODY)], Style(caption=False))
    canvas = layout.draw_blank()
    columns = np.nonzero((canvas != PAPER).any((0, 2)))[0]
    panel_left = layout.size_hw[1] - layout.panel_hw[1]
    assert panel_left < columns.min() < panel_left + 40
    names = [FrameLayout((240, 320), [Run(a, UPPER_BODY), Run("b", UPPER_BODY)], Style()).draw_blank() for a in "xyz"]
    assert all((a != b).any() for a, b in itertools.combinations(names, 2))
