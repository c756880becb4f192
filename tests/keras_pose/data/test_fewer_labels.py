"""Every n-th labelled frame stays, with its problems."""

import numpy as np

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.fewer_labels import keep_every
from keras_pose.data.source import Problem, Source
from keras_pose.skeleton import Skeleton


def test_every_third_label_stays_with_its_problems():
    frames = ArrayFrames(np.zeros((30, 8, 8, 3), np.uint8))
    positions = np.array([2, 5, 6, 9, 20, 21, 29])
    clip = Clip("clip", frames, positions, np.ones((7, 1, 2)), np.full((7, 1), 2), weights=np.arange(1.0, 8))
    problems = (
        Problem("clip", 0, "a"),
        Problem("clip", 4, "b"),
        Problem("clip", 6, "c", 0),
        Problem("clip", None, "d"),
    )
    source = keep_every(Source([clip], Skeleton("s", ("nose",)), problems=problems), 3)
    assert source.clips[0].labelled.tolist() == [2, 9, 29]
    assert source.clips[0].weights[:, 0].tolist() == [1, 4, 7]
    assert [(problem.row, problem.message) for problem in source.problems] == [(0, "a"), (2, "c"), (None, "d")]


def test_test_clips_of_the_authors_may_keep_all():
    frames = ArrayFrames(np.zeros((6, 8, 8, 3), np.uint8))
    ones = np.ones((6, 1, 2))
    clips = [Clip(part, frames, np.arange(6), ones, np.full((6, 1), 2), part=part) for part in ("train", "test")]
    source = Source(clips, Skeleton("s", ("nose",)), problems=(Problem("test", 5, "a"), Problem("train", 5, "b")))
    kept = keep_every(source, 4, whole_tests=True)
    assert [clip.num_labelled for clip in kept.clips] == [2, 6]
    assert [(problem.clip, problem.row) for problem in kept.problems] == [("test", 5)]
    assert [clip.num_labelled for clip in keep_every(source, 4).clips] == [2, 2]


def test_an_interval_of_one_changes_nothing():
    source = Source([], Skeleton("s", ("nose",)))
    assert keep_every(source, 1) is source
