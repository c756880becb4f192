"""Accuracy intervals and the confusion matrix."""

import cv2
import numpy as np
import pytest

from examples.gestures import scoring


def test_interval_of_an_accuracy_matches_the_binomial():
    right = np.arange(200) < 160
    low, high = scoring.bootstrap_interval(right)
    spread = 1.96 * np.sqrt(0.8 * 0.2 / 200)
    assert low == pytest.approx(0.8 - spread, abs=0.012)
    assert high == pytest.approx(0.8 + spread, abs=0.012)
    assert scoring.bootstrap_interval(np.ones(10)) == (1, 1)


def test_confusion_counts_true_gestures_in_rows():
    np.testing.assert_array_equal(scoring.count_confusions([0, 0, 1], [0, 1, 1], 3), [[1, 1, 0], [0, 1, 0], [0, 0, 0]])


def test_the_confusion_matrix_is_drawn_larger_for_more_gestures(tmp_path):
    sizes = []
    for count in (2, 5):
        path = str(tmp_path / f"{count}.png")
        scoring.draw_confusion(path, 3 * np.eye(count, dtype=np.int64), list("abcde"[:count]))
        image = cv2.imread(path)
        assert image.min() < 60 < 200 < image.max()
        sizes.append(image.shape[0])
    assert sizes[0] < sizes[1]
