"""Labels on their way into a project."""

import dataclasses

import numpy as np
import pytest

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.source import Problem, Source
from keras_pose.labelling import incoming_labels
from keras_pose.skeleton import Skeleton

OWN = Skeleton("own", ("tail", "nose"))
PROJECT = Skeleton("project", ("nose", "ear", "tail"))


def make_source(session=""):
    joints = np.array([[[1, 2], [3, 4]]], np.float32)
    clip = Clip("c", ArrayFrames(np.zeros((9, 4, 4, 3), np.uint8)), [6], joints, [[2, 1]], session=session)
    return Source([clip], OWN)


def test_joints_go_by_name():
    (label,) = incoming_labels.read_labels(make_source(), PROJECT)
    np.testing.assert_array_equal(label.points, [[3, 4], [np.nan, np.nan], [1, 2]])
    assert label.known.tolist() == [True, False, True]
    assert (label.folder, label.key, label.name, label.changed_s) == ("c", 6, "img0006.png", 0)
    assert label.read_picture().shape == (4, 4, 3)


@pytest.mark.parametrize(("session", "folder"), [("videos/day 1.mp4", "day 1"), ("C:\\v\\x.AVI", "x"), ("a.b", "a.b")])
def test_clips_are_called_like_their_videos(session, folder):
    (label,) = incoming_labels.read_labels(make_source(session), PROJECT)
    assert label.folder == folder


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="expected the joints of p .nose., received tail"):
        incoming_labels.check_source(make_source(), Skeleton("p", ("nose",)), "p")
    broken = dataclasses.replace(make_source(), problems=(Problem("c", 0, "a.csv:4: bad"),))
    with pytest.raises(ValueError, match="1 labels cannot be read, correct them first: a.csv:4: bad"):
        incoming_labels.check_source(broken, PROJECT, "p")


def test_hidden_labels_are_counted():
    assert incoming_labels.count_hidden(make_source()) == 1
