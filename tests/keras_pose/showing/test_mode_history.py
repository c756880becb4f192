"""Modes early and late in training, and their number and height by step."""

import numpy as np

from keras_pose.runs.run_directory import RunDirectory
from keras_pose.showing import mode_history, training_steps


def test_maxima_compete_from_a_quarter_of_the_highest_on():
    heights = [[0.8, 0.2, 0.19, 0], [0.8, 0, 0, 0], [0, 0, 0, 0], [0.4, 0.3, 0.2, 0.1]]
    assert mode_history.count_modes(np.array(heights)).tolist() == [2, 1, 0, 4]


def test_early_is_where_most_compete_in_maps_that_are_not_empty():
    assert mode_history.choose_early(np.array([4.0, 3.0, 1.0]), np.array([0.1, 0.3, 1.0])) == 1
    assert mode_history.choose_early(np.array([0.0, 0.0]), np.array([0.0, 0.0])) == 0


def test_a_heatmap_net_has_pictures_and_a_curve(heatmap_net, heatmap_run):
    shown = heatmap_net.read((0, 3, 7))
    steps = training_steps.predict_at_steps(RunDirectory(heatmap_run), heatmap_net, shown, print)
    pictures, curve = mode_history.mode_sections(heatmap_net, shown, steps, 2)
    assert pictures.picture.shape[0] > 256
    assert "step 20" in pictures.alt
    assert curve.picture.ndim == 3
    assert "Means over 3 frames" in curve.text


def test_a_coordinate_net_has_none(coordinate_net):
    shown = coordinate_net.read((0,))
    [section] = mode_history.mode_sections(coordinate_net, shown, training_steps.TrainingSteps((), ()), 1)
    assert section.picture is None
    assert "predicts positions" in section.text
