"""The strip and the video of training."""

import numpy as np

from keras_pose.runs.run_directory import RunDirectory
from keras_pose.showing import time_lapse, training_steps
from keras_pose.showing.training_steps import TrainingSteps


def lapse(net, run):
    shown = net.read((0, 7))
    steps = training_steps.predict_at_steps(RunDirectory(run), net, shown, print)
    return time_lapse.time_lapse(net, shown, steps)


def test_a_row_for_each_frame_and_a_picture_of_the_video_for_each_step(heatmap_net, heatmap_run):
    section = lapse(heatmap_net, heatmap_run)
    assert section.picture.shape[1] > 3 * 200
    assert section.picture.shape[0] > 2 * 200
    assert len(section.frames) == 3
    assert (section.frames[0] != section.frames[-1]).any()
    assert "steps 1, 5, 20" in section.alt
    assert "--snapshots" not in section.text


def test_without_snapshots_the_text_says_how_to_get_them(coordinate_net, coordinate_run):
    section = lapse(coordinate_net, coordinate_run)
    assert section.picture is None
    assert "--snapshots" in section.text


def test_a_coordinate_net_has_its_positions_drawn(coordinate_net):
    shown = coordinate_net.read((0,))
    positions = np.full((1, 7, 2), 32.0)
    section = time_lapse.time_lapse(coordinate_net, shown, TrainingSteps((5, 9), (positions, positions + 8)))
    assert (section.frames[0] != section.frames[1]).any()
    assert "positions" in section.text
    assert "only the last steps" in section.text
