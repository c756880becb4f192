"""Suggested frames: names of pictures, reasons, the table."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from keras_pose.labelling import suggestions
from keras_pose.poses.video_poses import VideoFacts
from tests.helpers import suggested_frames


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return suggested_frames.make_suggestions(tmp_path_factory.mktemp("videos"))


@pytest.mark.parametrize(("num_frames", "name"), [(12, "img02.png"), (1000, "img002.png"), (0, "img02.png")])
def test_numbers_have_as_many_digits_as_the_video_needs(made, num_frames, name):
    videos = {clip: VideoFacts(facts.path, facts.size_hw, 25.0, num_frames) for clip, facts in made.videos.items()}
    assert dataclasses.replace(made, videos=videos).picture_name(made.frames[0]) == name


def test_pictures_are_the_frames_of_their_numbers(made):
    for frame, picture in made.pictures():
        expected = suggested_frames.make_frames(seed=list(made.videos).index(frame.clip))[frame.number]
        assert np.abs(picture.astype(int) - expected).mean() < 3


def test_reasons_are_the_signs_that_stand_out_the_largest_first(made):
    frame = dataclasses.replace(made.frames[0], signs={"unsure": 0.8, "jumps": 0.2, "neighbours": 0.95})
    assert frame.describe() == "neighbouring frames disagree; low confidence"
    assert dataclasses.replace(frame, signs={"unsure": 0.1}).describe() == "differs from the others"
    assert dataclasses.replace(frame, carried=np.array([True, False])).describe() == "next to a label"


def test_the_table_begins_with_the_frame_most_worth_a_label(made, tmp_path):
    suggestions.write_table(tmp_path / "a.csv", made)
    table = pd.read_csv(tmp_path / "a.csv")
    assert table.columns.tolist() == [
        "clip", "frame", "time_s", "worth", "unsure", "jumps", "carried_joints", "reasons"
    ]  # fmt: skip
    assert table["worth"].is_monotonic_decreasing
    assert table["clip"].tolist() == ["one", "two words", "one", "two words"]
    assert table["time_s"].tolist() == [0.4, 0.4, 0.08, 0.08]
