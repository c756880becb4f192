"""Gain by kind on predictions whose errors are of known kinds."""

import dataclasses

import numpy as np
import pytest

from keras_pose.evaluation import temporal_kinds
from tests.helpers.beside_frames import HANDS, make_beside

REACH = 2
FAR = np.array([20.0, 0.0])  # 5 px are tolerated


def make_truth(num_frames=10):
    """Nose, left and right wrist at rest, 30 px apart."""
    return np.repeat(np.array([[[50.0, 20.0], [30.0, 60.0], [70.0, 60.0]]]), num_frames, axis=0)


def kinds_of(of, name):
    return np.argwhere(temporal_kinds.find_kinds(of, HANDS, REACH)[name]).tolist()


def test_errors_of_single_frames_are_told_apart():
    truth = make_truth()
    single = truth.copy()
    single[4, 0] += FAR  # right before and after
    single[5:, 2] += FAR  # wrong until the end
    single[2, 1] = truth[2, 2]  # the other hand
    modes = np.repeat(single[:, :, None], 2, axis=2)
    modes[4, 0, 1] = truth[4, 0]
    of = make_beside(truth, single, truth, modes=modes)
    assert kinds_of(of, "momentary") == [[2, 1], [4, 0], [5, 2]]  # the error begins at 5: half of its window is right
    assert kinds_of(of, "persistent") == [[row, 2] for row in range(6, 10)]
    assert kinds_of(of, "swap") == [[2, 1]]
    assert kinds_of(of, "mode") == [[4, 0]]
    assert len(kinds_of(of, "right")) == 30 - 7
    assert kinds_of(of, "hidden") == kinds_of(of, "fast") == []


def test_labels_say_what_is_hidden_and_fast():
    truth = make_truth()
    truth[:, 1, 0] += 6 * (np.arange(10) // 3)  # 2 px a frame in steps of three frames, like reused labels
    visibility = np.full((10, 3), 2)
    visibility[3, 2] = 1
    of = make_beside(truth, truth, truth, visibility=visibility)
    assert kinds_of(of, "hidden") == [[3, 2]]
    assert kinds_of(of, "fast") == [[row, 1] for row in range(10)]


def test_speed_needs_two_labels_within_reach():
    truth = make_truth(3)
    truth[1:, 0] = np.nan
    truth[1, 1] += (3, 4)
    with np.errstate(all="raise"):
        speeds = temporal_kinds.speeds_px(np.array([0, 2, 10]), truth)
    np.testing.assert_allclose(speeds[:, 1], [2.5, 2.5, np.nan])
    assert np.isnan(speeds[:, 0]).all()


def test_gain_counts_what_is_repaired_and_what_is_broken():
    clips = []
    for i in range(6):
        truth = make_truth()
        single = truth.copy()
        single[[2, 6], 1] += FAR
        pooled = single.copy()
        pooled[2, 1] = truth[2, 1]  # repairs one of two errors
        pooled[8, 0] += FAR  # and breaks a joint that was right
        clips.append(make_beside(truth, single, pooled, name=f"clip-{i}"))
    found = temporal_kinds.gain_by_kind(clips, HANDS, REACH, resamples=1000)
    assert found["unit"] == "clips"
    kinds = found["kinds"]
    assert list(kinds) == list(temporal_kinds.KINDS)
    assert kinds["momentary"]["num_labelled"] == 12
    assert (kinds["momentary"]["single"], kinds["momentary"]["pooled"]) == (0.0, 0.5)
    assert kinds["momentary"]["interval"] == pytest.approx([0.5, 0.5])
    assert kinds["right"]["gain"] == pytest.approx(-1 / 28)
    assert kinds["all"]["gain"] == pytest.approx(0.0, abs=1e-12)
    assert kinds["persistent"] == {
        "num_labelled": 0,
        "single": None,
        "pooled": None,
        "gain": None,
        "interval": None,
    }
    assert found["groups"]["wrist"]["gain"] == pytest.approx(0.05)
    assert found["groups"]["nose"]["gain"] == pytest.approx(-0.1)


def test_frames_of_unknown_size_are_refused():
    of = make_beside(make_truth(), make_truth(), make_truth())
    of = dataclasses.replace(of, single=dataclasses.replace(of.single, size_hw=None))
    with pytest.raises(ValueError, match="clip clip: expected a known size of its frames"):
        temporal_kinds.find_kinds(of, HANDS, REACH)
