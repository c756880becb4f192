"""Flags of the labelled video."""

import pytest

from keras_pose.analysis.drawing_flags import DrawingConfig
from keras_pose.viz.label_style import Style


def test_flags_become_a_style_and_by_default_the_usual_one():
    assert DrawingConfig().style() == Style()
    style = DrawingConfig(trail_frames=0, least_confidence=0.4, crf=30).style()
    assert style == Style(trail_frames=0, least_confidence=0.4, crf=30)


def test_what_shapes_the_video_is_described_if_there_is_to_be_one():
    assert DrawingConfig(labelled=False, crf=30).describe() is None
    assert DrawingConfig(crf=30).describe() == {"trail_frames": 10, "least_confidence": 0.0, "crf": 30}


def test_values_out_of_range_are_named():
    with pytest.raises(ValueError, match="^--crf: expected at most 51, received 60"):
        DrawingConfig(crf=60)
