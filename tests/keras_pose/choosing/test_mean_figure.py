"""The figure of predictions, over all and for each part."""

import types

import numpy as np
import pytest

from keras_pose.choosing.mean_figure import MeanFigure
from keras_pose.choosing.unseen import Part
from tests.helpers import blob_clips


def test_it_falls_with_the_error_to_zero_at_a_tenth_of_the_side():
    clips = blob_clips.still_clips(2)  # 3 labelled frames each
    targets = np.ones((6, 7, 3), np.float32)
    targets[0, 0, 2] = 0  # no label: its error does not count
    joints = targets[..., :2].copy()
    joints[0, 0] += 1000
    joints[3:, :, 0] += 5  # half of 10 px
    joints[5, :, 1] += 50
    predictions = types.SimpleNamespace(targets=targets, found={"sum": joints})
    figure = MeanFigure(predictions, 100)
    parts = [Part("a", tuple(clips[:1]), "validation"), Part("b", tuple(clips[1:]), "training, fold 1")]
    assert figure.of_parts(joints, parts) == pytest.approx([1.0, 1 / 3])
    assert figure("sum") == pytest.approx((20 + 7) / 41)
