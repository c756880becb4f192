"""Lessons of unlabelled frames: what they teach, how much it counts, and that a collapse is shown."""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data.clip import VISIBLE
from keras_pose.data.samples import Samples
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.unlabelled_flags import UnlabelledConfig
from keras_pose.training import lessons, losses, unlabelled_clips
from tests.helpers import blob_net

FLAGS = {
    "run_dir": "r",
    "input_size": str(blob_net.SIZE),
    "steps": 12,
    "validate_every": 3,
    "warmup_steps": 0,
    "window": 1,
    "flow": "none",
    "frame_stride": 1,
    "unlabelled": "neighbours",
    "unlabelled_warmup": 4,
    "unlabelled_frames": 20,
}


def open_lessons(net, train, **changes):
    config = TrainConfig.from_flags(**{**FLAGS, **changes})
    clips = unlabelled_clips.open_frames(config, train, [], lambda line: None)
    samples = Samples(train, config.model.input_size_hw)
    return lessons.Lessons(net, config, clips, train, samples, ["hand"]), clips


@pytest.fixture(scope="module")
def train():
    return [blob_net.make_moving_clip(f"clip{i}", num_frames=12, labelled=range(0, 12, 2), seed=i) for i in range(3)]


def test_sure_joints_become_labels_with_the_weight_of_the_flag_and_their_confidence(train):
    taught, clips = open_lessons(blob_net.build(), train, unlabelled_weight=0.5, unlabelled_share=0.25)
    lesson = taught.make()
    rows = [(clip, row) for clip, row in lesson.samples.rows if clip.source == "unlabelled"]
    assert len(lesson.samples) == 18 + 18
    assert lesson.taught == 1.0
    for clip, row in rows:
        assert clip.visibility[row, 0] == VISIBLE
        # The blob's red, where it is.
        red = clip.frames.array[clip.labelled[row]][..., 0]
        y, x = np.unravel_index(red.argmax(), red.shape)
        assert np.linalg.norm(clip.joints[row, 0] - (x, y)) < 3
        assert 0.25 <= clip.weights[row, 0] <= 0.5
    drawn = lesson.samples.shuffled_positions(0, range(1000))
    assert sum(lesson.samples.rows[i][0].source == "unlabelled" for i in drawn) == 250
    assert lesson.lines[0].startswith(f"unlabelled loss {lesson.loss:.5f}: 18 of 18 unlabelled frames teach 100 % of")


def test_its_loss_is_that_of_labels_at_the_joints_of_the_window(train):
    taught, _ = open_lessons(blob_net.build(), train)
    lesson = taught.make()
    points, confidence, maps = taught._teacher.find_joints()
    targets = np.concatenate([points, confidence[..., None]], -1)
    expected = losses.HeatmapL2(4, 1.5)(tf.constant(targets), tf.constant(maps))
    assert lesson.loss == pytest.approx(float(expected))
    agreeing = losses.HeatmapL2(4, 1.5)
    rendered = taught._teacher._codec.encode(tf.constant(targets), (16, 16))
    assert float(agreeing(tf.constant(targets), rendered)) == pytest.approx(0, abs=1e-9)  # agreement costs nothing


def test_unsure_places_teach_nothing_and_a_warning_says_so(train):
    for net in (blob_net.build(height=0.0), blob_net.build(height=0.0, floor=0.8)):  # maps that agree everywhere
        lesson = open_lessons(net, train)[0].make()
        assert lesson.taught == 0
        assert len(lesson.samples) == 18
        assert lesson.loss == 0
        assert lesson.lines[1].startswith("warning: only 0.0 % of the joints of unlabelled frames reach --unlabelled_c")


def test_one_place_in_all_frames_is_called_a_collapse(train):
    still = [blob_net.draw([(30, 30, 1.0)])] * 12
    moving = [clip.joints[:, 0] for clip in train]
    clips = [
        blob_net.make_clip(f"still{i}", still, np.repeat(places, 2, 0), range(0, 12, 2))
        for i, places in enumerate(moving)
    ]
    lesson = open_lessons(blob_net.build(), clips)[0].make()
    assert lesson.taught == 1.0
    assert lesson.lines[1].startswith("warning: taught positions of hand hardly differ from frame to frame")
    assert len(open_lessons(blob_net.build(), train)[0].make().lines) == 1


def test_lessons_change_with_each_validation_after_the_warm_up(train):
    taught, _ = open_lessons(blob_net.build(), train)
    assert taught.plan_rounds(0, 12) == [(0, 6), (6, 9), (9, 12)]
    assert taught.plan_rounds(9, 12) == [(9, 12)]
    assert taught.plan_rounds(3, 9) == [(3, 6), (6, 9)]
    assert [step for step in range(0, 12, 3) if taught.counts(step)] == [6, 9]


def test_unlabelled_frames_take_their_share_from_all_sources(train):
    flags = UnlabelledConfig(share=0.2)
    assert lessons.share_draws(None, train, flags) == {"": 0.8, "unlabelled": 0.2}
    assert lessons.share_draws({"a": 0.75, "b": 0.25}, train, flags) == pytest.approx(
        {"a": 0.6, "b": 0.2, "unlabelled": 0.2}
    )
    assert lessons.share_draws(None, [], flags) is None


def test_spreads_are_compared_only_of_joints_that_are_known_often_enough():
    rng = np.random.default_rng(0)
    labels = rng.uniform(0, 1, (20, 3, 2))
    taught = labels.copy()
    taught[:, 0] = 0.5 + 0.01 * (labels[:, 0] - 0.5)
    taught[5:, 1] = np.nan
    taught[:, 1] = np.where(np.isnan(taught[:, 1]), np.nan, 0.5)
    assert lessons.find_still(taught, labels) == [0]
    assert lessons.find_still(labels, labels) == []
