"""Frames chosen to be looked at."""

import numpy as np
import pytest

from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.evaluation.worst_frames import choose_random, choose_worst, draw_choices
from keras_pose.skeleton import Skeleton

PAIR = Skeleton("pair", ("a", "b"), edges=(("a", "b"),))


def make_clip(name, errors, size_hw=(40, 60)):
    """A clip with a frame every 10 frames; joint a is off by `errors`, joint b is right."""
    errors = np.asarray(errors, np.float64)
    truth = np.full((len(errors), 2, 2), 20.0)
    predicted = truth.copy()
    predicted[:, 0, 0] += np.nan_to_num(errors)
    truth[np.isnan(errors)] = np.nan
    visibility = np.where(np.isnan(truth[..., 0]), 0, 2)
    return ClipPredictions(
        name, 10 * np.arange(len(errors)), predicted, np.ones((len(errors), 2)), truth, visibility, size_hw
    )


RUN = [make_clip("bad", [30, 28, 26, 24]), make_clip("good", [1, 2, np.nan, 8])]


def read_frame(name, index):
    return np.full((40, 60, 3), 90 if name == "bad" else 160, np.uint8)


def test_worst_frames_come_first_with_at_most_two_a_clip():
    chosen = choose_worst(RUN, count=12)
    assert [(c.clip_name, c.frame_index, c.error_px) for c in chosen] == [
        ("bad", 0, 15), ("bad", 10, 14), ("good", 30, 4), ("good", 10, 1),
    ]  # fmt: skip
    assert (chosen[0].worst_joint, chosen[0].worst_error_px) == (0, 30)
    assert len(choose_worst(RUN, count=1)) == 1
    assert len(choose_worst(RUN, per_clip=3)) == 6


def test_neighbours_of_a_chosen_frame_are_passed_over():
    assert [c.frame_index for c in choose_worst(RUN[:1], min_gap=20)] == [0, 20]


def test_random_frames_are_labelled_seeded_and_in_order():
    chosen = choose_random(RUN, count=4, seed=1)
    assert chosen == choose_random(RUN, count=4, seed=1)
    assert len({(c.clip_name, c.row) for c in chosen}) == 4
    everything = [(c.clip_name, c.row) for c in choose_random(RUN, count=99)]
    assert everything == [("bad", 0), ("bad", 1), ("bad", 2), ("bad", 3), ("good", 0), ("good", 1), ("good", 3)]
    assert choose_random([make_clip("none", [np.nan])]) == choose_worst([make_clip("none", [np.nan])]) == []


def test_grid_shows_the_frames_with_marks():
    picture = draw_choices(choose_worst(RUN), RUN, PAIR, read_frame, "Worst frames", columns=2, side_px=480)
    assert picture.shape[1] == 16 + 2 * (480 + 16)
    assert (picture == 90).all(-1).sum() > 240 * 320
    assert (picture == 160).all(-1).sum() > 240 * 320
    marks = np.abs(picture.astype(int) - PAIR.colors[0]).max(-1) < 60
    assert marks.sum() > 4 * 40


def test_frame_of_another_size_or_type_is_named():
    choices = choose_worst(RUN, count=1)
    with pytest.raises(
        ValueError, match=r"clip bad, frame 0: expected a frame uint8 \[40, 60, 3\], received uint8 \[4"
    ):
        draw_choices(choices, RUN, PAIR, lambda name, i: np.zeros((4, 6, 3), np.uint8), "")
    with pytest.raises(ValueError, match="received float64"):
        draw_choices(choices, RUN, PAIR, lambda name, i: np.zeros((40, 60, 3)), "")
