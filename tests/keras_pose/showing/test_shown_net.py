"""The frames that are shown, and what the net predicts for them."""

import numpy as np


def test_frames_are_spread_over_the_data(heatmap_net):
    assert len(heatmap_net.samples) == 8
    assert heatmap_net.spread(3) == (0, 3, 7)
    assert heatmap_net.spread(99) == tuple(range(8))


def test_frames_and_truth_are_those_of_the_input(heatmap_net):
    shown = heatmap_net.read((0, 5))
    assert shown.frames.shape == (2, 64, 64, 3)
    assert shown.frames.dtype == np.uint8
    clip, row = heatmap_net.place_of(5)
    np.testing.assert_array_equal(shown.frames[1], clip.frames.read([int(clip.labelled[row])])[0])
    np.testing.assert_allclose(shown.truth[1], clip.joints[row], atol=1e-4)


def test_batches_are_the_predictions_of_single_frames(flowing_net):
    positions = flowing_net.spread(3)
    [(shown, outputs)] = list(flowing_net.batches(positions))
    assert shown.positions == positions
    alone = flowing_net.predict(flowing_net.read(positions[1:2]))
    for name in ("heatmaps", "frame_heatmaps"):
        np.testing.assert_allclose(outputs[name][1], alone[name][0], atol=1e-5)
