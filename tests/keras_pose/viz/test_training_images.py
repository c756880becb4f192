"""The pictures of training: validation frames with joints, and heatmaps, in TensorBoard's files."""

import glob

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip
from keras_pose.data.samples import Samples
from keras_pose.skeleton import Skeleton
from keras_pose.viz import training_images

SKELETON = Skeleton("two", ("a", "b"), edges=(("a", "b"),))


def make_samples(count):
    rng = np.random.default_rng(0)
    frames = ArrayFrames(rng.integers(0, 256, (count, 40, 60, 3)).astype(np.uint8))
    joints = rng.uniform(5, 35, (count, 2, 2))
    joints[0, 1] = np.nan
    visibility = np.full((count, 2), VISIBLE)
    visibility[0, 1] = 0
    return Samples([Clip("c", frames, np.arange(count), joints, visibility)], (64, 64))


def heatmap_net():
    frames = keras.Input((64, 64, 3), name="frames")
    x = keras.layers.AveragePooling2D(4)(frames)
    return keras.Model(frames, {"heatmaps": keras.layers.Conv2D(2, 1, name="heatmaps")(x)})


def coordinate_net():
    frames = keras.Input((64, 64, 3), name="frames")
    x = keras.layers.Dense(4)(keras.layers.GlobalAveragePooling2D()(frames))
    return keras.Model(frames, {"joints": keras.layers.Reshape((2, 2), name="joints")(x)})


def written_images(folder):
    """{tag: {step: [pictures]}} of the event files below a folder."""
    found = {}
    for path in glob.glob(f"{folder}/**/*tfevents*", recursive=True):
        for event in tf.compat.v1.train.summary_iterator(path):
            for value in event.summary.value:
                pictures = [np.frombuffer(data, np.uint8) for data in value.tensor.string_val[2:]]
                pictures = [cv2.imdecode(data, cv2.IMREAD_UNCHANGED) for data in pictures]
                found.setdefault(value.tag, {})[event.step] = pictures
    return found


@pytest.mark.parametrize(
    ("build", "tags"), [(heatmap_net, {"predictions", "heatmaps"}), (coordinate_net, {"predictions"})]
)
def test_each_validation_writes_its_pictures_at_its_step(tmp_path, build, tags):
    pictures = training_images.PredictionImages(str(tmp_path), make_samples(5), SKELETON, interval=10)
    pictures.set_model(build())
    pictures.on_epoch_end(0)
    pictures.on_epoch_end(1)
    written = written_images(tmp_path)
    assert set(written) == tags
    for steps in written.values():
        assert sorted(steps) == [10, 20]
        assert [len(images) for images in steps.values()] == [5, 5]
    assert min(written["predictions"][10][0].shape[:2]) >= 256
    assert not np.array_equal(written["predictions"][10][0], written["predictions"][10][1])
    if "heatmaps" in tags:
        assert written["heatmaps"][10][0].shape == (256, 256, 3)


def test_some_of_many_frames_are_shown_the_first_and_the_last_among_them(tmp_path):
    pictures = training_images.PredictionImages(str(tmp_path), make_samples(30), SKELETON, interval=10, count=4)
    assert pictures._positions.tolist() == [0, 9, 19, 29]


def two_mode_net():
    """A net whose map of joint a has its peak at input px (17.5, 17.5) and half of it at (49.5, 49.5); b's is empty."""
    frames = keras.Input((64, 64, 3), name="frames")
    maps = np.zeros((1, 16, 16, 2), np.float32)
    maps[0, 4, 4, 0] = 1.0
    maps[0, 12, 12, 0] = 0.5
    x = keras.layers.AveragePooling2D(4)(frames)
    layer = keras.layers.Dense(16 * 16 * 2, kernel_initializer="zeros")
    x = layer(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(frames, {"heatmaps": keras.layers.Reshape((16, 16, 2), name="heatmaps")(x)})
    layer.bias.assign(maps.ravel())
    return model


def test_heatmaps_show_the_highest_mode_and_one_that_competes(tmp_path):
    pictures = training_images.PredictionImages(str(tmp_path), make_samples(2), SKELETON, interval=1)
    pictures.set_model(two_mode_net())
    pictures.on_epoch_end(0)
    color = np.array(SKELETON.colors[0])
    for picture in written_images(tmp_path)["heatmaps"][1]:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(int)
        at = {scale: (np.abs(picture[p, p] - color).max()) for scale, p in (("top", 72), ("other", 200))}
        assert at["top"] == 0  # a disc of the joint's colour
        assert at["other"] > 20  # the middle of a ring: the frame shines through
        assert (np.abs(picture[194:206, 194:206] - color).max(-1) < 40).any()
