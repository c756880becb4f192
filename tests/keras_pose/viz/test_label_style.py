"""Styles of labelled videos: what is out of range is refused."""

import pytest

from keras_pose.viz.label_style import Style


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trail_frames": -1}, "trail_frames: expected 0 or more, received -1"),
        ({"least_confidence": 1.5}, "least_confidence: expected 0 to 1"),
        ({"stroke": 0.0}, "stroke: expected a factor above 0"),
        ({"stroke": float("nan")}, "stroke"),
        ({"least_side_px": 2000}, "least_side_px <= most_side_px, received 2000 and 1920"),
        ({"least_side_px": 4}, "16 <= least_side_px"),
    ],
)
def test_values_out_of_range_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Style(**changes)


def test_the_usual_style_draws_everything():
    style = Style()
    assert (style.fade, style.caption, style.least_confidence) == (True, True, 0)
    assert style.trail_frames > 0
