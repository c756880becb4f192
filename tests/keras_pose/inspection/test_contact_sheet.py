"""The contact sheet shows frames with their joints."""

import numpy as np
import pytest

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.source import Source
from keras_pose.inspection.contact_sheet import draw_contact_sheet
from keras_pose.skeleton import Skeleton

SKELETON = Skeleton("dot", ("a",), colors=((250, 10, 10),))


def make_source(frames, count):
    return Source([Clip("c", frames, np.arange(count), np.full((count, 1, 2), 20.0), np.full((count, 1), 2))], SKELETON)


def test_joints_are_drawn_on_the_frames():
    source = make_source(ArrayFrames(np.full((9, 40, 40, 3), 100, np.uint8)), 9)
    sheet, faults = draw_contact_sheet(source, 4, "dots")
    assert faults == []
    red = (np.abs(sheet.astype(int) - (250, 10, 10)) < 30).all(-1)
    grey = (np.abs(sheet.astype(int) - 100) < 3).all(-1)
    assert grey.sum() > 4 * 300 * 300
    assert red.sum() > 4 * 30


def test_frames_that_cannot_be_read_are_told():
    source = make_source(ImageFrames({0: "gone.png"}, (40, 40)), 1)
    with pytest.raises(ValueError, match=r"none of 1 labelled frames can be read: gone.png"):
        draw_contact_sheet(source, 4, "dots")
