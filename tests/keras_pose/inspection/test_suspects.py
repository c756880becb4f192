"""Labels that look wrong."""

import cv2
import numpy as np

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.source import Source
from keras_pose.inspection import suspects
from keras_pose.skeleton import Skeleton

SKELETON = Skeleton("three", ("a", "b", "c"))


def make_clip(joints, frames=None, name="clip"):
    frames = frames or ArrayFrames(np.zeros((len(joints), 90, 90, 3), np.uint8))
    return Clip(name, frames, np.arange(len(joints)), joints, np.full(np.shape(joints)[:2], 2))


def person(rng, count):
    shape = np.array([[20, 20], [40, 20], [30, 40]])
    return shape + rng.uniform(0, 30, (count, 1, 2)) + rng.normal(0, 0.5, (count, 3, 2))


def test_a_joint_far_from_its_place_is_found():
    joints = person(np.random.default_rng(0), 20)
    assert suspects.find_outliers(Source([make_clip(joints)], SKELETON)) == []
    joints[7, 2] += (0, -60)
    message = suspects.find_outliers(Source([make_clip(joints)], SKELETON))[0]
    assert message.startswith("clip:7: joint 'c' is ")
    assert suspects.find_outliers(Source([make_clip(joints[:5])], SKELETON)) == []  # too few to know the usual place


def test_equal_pictures_and_equal_labels_are_found(tmp_path):
    rng = np.random.default_rng(1)
    for name in ("0.png", "1.png"):
        cv2.imwrite(str(tmp_path / name), np.full((90, 90, 3), 7, np.uint8))
    images = ImageFrames({0: tmp_path / "0.png", 1: tmp_path / "1.png"})
    joints = person(rng, 3)
    joints[2] = joints[0]
    source = Source([make_clip(person(rng, 2), images, "images"), make_clip(joints, name="film")], SKELETON)
    assert suspects.find_duplicates(source) == [
        "images:1: the same picture as images:0",
        "film:2: exactly the labels of film:0",
    ]
