"""What the page says about pooling."""

import numpy as np

from keras_pose.evaluation import temporal_kinds, temporal_page, trajectories
from tests.helpers.beside_frames import HANDS, make_beside, make_path


def make_figures():
    truth = np.repeat(make_path(20)[:, None], 3, axis=1) + np.arange(3)[:, None] * 8
    clips = []
    for i in range(6):
        single = truth.copy()
        single[10, 1] += 30
        clips.append(make_beside(truth, single, truth, name=f"clip-{i}"))
    return {
        "tolerance": 0.05,
        "reach": 2,
        **temporal_kinds.gain_by_kind(clips, HANDS, 2, resamples=1000),
        **trajectories.compare(clips),
    }


def test_runs_that_pool_have_a_table_of_gains():
    (heading, table, text) = temporal_page.temporal_section({"a": {"temporal_gain": make_figures()}})
    assert heading == "<h2>Pooled against the frame alone</h2>"
    assert "mostly right around it" in table
    assert '<span class="good">+100.0</span>' in table
    assert "jitter is" in text
    assert "Pooled positions are 0.00 frames behind the labels." in text


def test_other_runs_have_none_and_several_are_named():
    assert temporal_page.temporal_section({"a": {}}) == []
    parts = temporal_page.temporal_section({"a": {}, "<b>": {"temporal_gain": make_figures()}})
    assert parts[0] == "<h2>Pooled against the frame alone: &lt;b&gt;</h2>"


def test_a_loss_has_a_minus_sign():
    assert temporal_page.format_points(-0.0123) == "−1.2"
    assert temporal_page.format_points(-0.0001) == "0.0"
