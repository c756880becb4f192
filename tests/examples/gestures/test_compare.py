"""Heatmaps against frames."""

import numpy as np
import pytest

from examples.gestures import clips, compare


def test_frames_are_averaged_to_the_smaller_size(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (3, 8, 12, 3)).astype(np.uint8)
    np.savez(tmp_path / "a.npz", frames=frames)
    small = compare.shrink_frames([clips.LabelledClip(str(tmp_path / "a.npz"), "up")], (4, 6))
    np.testing.assert_allclose(small[0], frames.reshape(3, 4, 2, 6, 2, 3).mean((2, 4)) / 255, atol=1e-5)


def test_the_frame_classifier_gives_a_probability_for_each_gesture():
    frames = np.random.default_rng(0).random((2, 5, 16, 16, 3), np.float32)
    probabilities = compare.build_frame_classifier(frames.shape[1:], 3).predict(frames, verbose=0)
    assert probabilities.shape == (2, 3)
    np.testing.assert_allclose(probabilities.sum(-1), 1, atol=1e-5)


@pytest.mark.slow
def test_the_comparison_shows_the_gain_of_heatmaps(trained, pose_model, folders):
    _, output = trained
    lines = []
    rows = compare.compare(pose_model, output=str(output), **folders, epochs=20, echo=lines.append)
    by_name = {row["what"]: row for row in rows}
    assert list(by_name) == [line[:26].rstrip() for line in lines[1:]]
    assert by_name["heatmaps"]["accuracy"] >= 0.9
    assert by_name["heatmaps"]["heatmaps_gain"] == (0, 0)
    assert by_name["most frequent gesture"]["accuracy"] == 0.25
    low, high = by_name["most frequent gesture"]["heatmaps_gain"]
    assert low < by_name["heatmaps"]["accuracy"] - 0.25 < high
