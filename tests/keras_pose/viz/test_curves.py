"""The figure of accuracy against distance."""

import numpy as np
import pytest

from keras_pose.viz.curves import AccuracyCurve, draw_accuracy_curves

BLUE = (0x00, 0x72, 0xB2)
VERMILION = (0xD5, 0x5E, 0x00)


def make_curves(half_px, groups=("all joints", "head", "wrist", "elbow", "shoulder")):
    """Curves that reach half their height at `half_px` (one more px from group to group), each with a band."""
    distances = np.linspace(0, 20, 41)
    curves = {}
    for i, group in enumerate(groups):
        accuracy = 1 - 0.5 ** (distances / (half_px + i))
        curves[group] = AccuracyCurve(distances, accuracy, 0.9 * accuracy, 0.9 * accuracy + 0.1)
    return curves


def count(picture, color):
    return (np.abs(picture.astype(int) - color).max(-1) < 12).sum()


def test_figure_shows_each_run_in_its_colour_in_every_panel():
    curves = {"a": make_curves(2), "b$_{": make_curves(6)}
    picture = draw_accuracy_curves(curves, note="bands", dpi=60)
    for color in (BLUE, VERMILION):
        assert count(picture, color) > 5 * 30
    single = draw_accuracy_curves({"a": curves["a"]}, dpi=60)
    assert single.shape[0] < picture.shape[0]
    assert single.shape[1] == picture.shape[1]
    assert draw_accuracy_curves(curves, dpi=120).shape[1] == pytest.approx(2 * picture.shape[1], abs=2)


def test_higher_accuracy_is_drawn_higher():
    pictures = [draw_accuracy_curves({"a": make_curves(half, ("wrist",))}, dpi=60) for half in (1, 9)]
    heights = [np.nonzero(np.abs(p.astype(int) - BLUE).max(-1) < 12)[0].mean() for p in pictures]
    assert heights[0] < heights[1] - 20


def test_group_without_labels_is_drawn_empty():
    curves = make_curves(3)
    nothing = np.full(41, np.nan)
    head = AccuracyCurve(curves["head"].distances_px, nothing, nothing, nothing)
    empty, full = (draw_accuracy_curves({"a": c}, dpi=50) for c in ({**curves, "head": head}, curves))
    assert empty.min() < 128
    assert count(empty, BLUE) < count(full, BLUE)


def test_runs_with_other_groups_and_no_runs_are_refused():
    curves = make_curves(3)
    with pytest.raises(ValueError, match="expected the same groups in all runs"):
        draw_accuracy_curves({"a": curves, "b": {"wrist": curves["wrist"]}})
    with pytest.raises(ValueError, match="at least one run"):
        draw_accuracy_curves({})
