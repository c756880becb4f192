"""Frames as text, and the category of warnings."""

import warnings

import pytest

from keras_pose import media
from keras_pose.media.messages import format_frames


@pytest.mark.parametrize(
    ("positions", "text"),
    [
        ([], ""),
        ([3], "3"),
        ([9, 7, 8, 3], "3, 7 to 9"),
        (range(5), "0 to 4"),
        (range(0, 20, 2), "0, 2, 4, 6, 8, 10, 12, 14 and 2 more"),
    ],
)
def test_runs_of_frames_are_ranges(positions, text):
    assert format_frames(positions) == text


def test_warnings_of_media_can_be_told_from_others():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn("text", media.MediaWarning, stacklevel=1)
    assert issubclass(caught[0].category, UserWarning)
