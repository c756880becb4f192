"""Predictions from windows of frames: in px of the frame, at the ends of clips too, whatever the clip is like."""

import keras
import numpy as np
import pytest

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.synthetic import signers
from keras_pose.flow import estimators
from keras_pose.inference.predictor import Predictor
from keras_pose.inference.window_predictor import WindowPredictor
from keras_pose.models.pose_net import PoseNet
from keras_pose.skeleton import UPPER_BODY
from tests.helpers import tiny

SIZE_HW = (64, 64)


def make_model(**changes):
    """A flowing net with random heads."""
    keras.utils.set_random_seed(1)
    flags = {"model": "flowing", "pooling": "parametric", "window": 2, "input_size": "64", **changes}
    model = tiny.build_net(num_joints=UPPER_BODY.num_joints, **flags)
    head = PoseNet(model).frame_net().model.get_layer("heatmaps").kernel
    head.assign(np.random.default_rng(0).normal(size=head.shape))
    return model


def make_predictor(model, offsets=(-2, -1, 0, 1, 2)):
    return WindowPredictor(model, UPPER_BODY, SIZE_HW, offsets, estimators.open_estimator("dis_fast"))


def signer_clip(num_frames, size_hw=SIZE_HW):
    signer = signers.generate("test", 3, num_frames, size_hw)
    return Clip(signer.name, ArrayFrames(signer.frames), np.arange(num_frames), signer.joints, signer.visibility)


@pytest.mark.parametrize("size_hw", [SIZE_HW, (96, 192)])
def test_without_pooling_it_is_the_predictor_of_single_frames(size_hw):
    model = make_model(pooling="none")
    clip = signer_clip(6, size_hw)
    single = Predictor(PoseNet(model).frame_net().model, UPPER_BODY, SIZE_HW)
    joints, scores = make_predictor(model).predict_labelled(clip)
    expected, heights = single.predict_labelled(clip)
    if size_hw == SIZE_HW:  # else both resample, each in its way
        np.testing.assert_allclose(joints, expected, atol=0.05)
        np.testing.assert_allclose(scores, heights, rtol=1e-3, atol=1e-3)
    assert np.median(np.linalg.norm(joints - expected, axis=-1)) < 0.5 * size_hw[1] / SIZE_HW[1]


def test_frames_from_an_array_are_a_clip():
    model = make_model()
    model.get_layer("heatmaps").weight.assign(np.random.default_rng(2).normal(size=(5, 7)))
    predictor = make_predictor(model)
    clip = signer_clip(4)
    joints, scores = predictor.predict(clip.frames.array)
    expected, heights = predictor.predict_labelled(clip)
    np.testing.assert_allclose(joints, expected, atol=1e-3)  # the last bit is not always the same
    np.testing.assert_allclose(scores, heights, atol=1e-5)
    some, _ = predictor.predict_labelled(clip.select([2]))
    np.testing.assert_allclose(some[0], expected[2], atol=1e-3)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_clips_shorter_than_the_window(count):
    joints, scores = make_predictor(make_model()).predict(np.zeros((count, 40, 60, 3), np.uint8))
    assert joints.shape == (count, 7, 2)
    assert scores.shape == (count, 7)
    assert np.isfinite(joints).all()


@pytest.mark.parametrize("flow", ["auto", "in_graph"])
def test_black_frames_and_repeated_frames_give_finite_poses(flow):
    frames = signer_clip(5).frames.array.copy()
    frames[1], frames[3] = 0, frames[2]
    model = make_model(flow=flow, pooling="data_dependent")
    model.get_layer("heatmaps").set_weights([w + 0.2 for w in model.get_layer("heatmaps").get_weights()])
    joints, scores = make_predictor(model).predict(frames)
    assert np.isfinite(joints).all()
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("frames", [np.zeros((3, 64, 64), np.uint8), np.zeros((3, 64, 64, 3), np.float32)])
def test_other_arrays_are_refused(frames):
    with pytest.raises(ValueError, match=r"frames: expected uint8 \[N, H, W, 3\], received"):
        make_predictor(make_model()).predict(frames)


def test_an_unreadable_frame_in_the_middle_is_named():
    clip = signer_clip(6)
    read = clip.frames.read

    def fail(indices):
        if 3 in list(indices):
            raise ValueError("clip.avi: frame 3 cannot be decoded")
        return read(indices)

    clip.frames.read = fail
    with pytest.raises(ValueError, match=r"clip\.avi: frame 3 cannot be decoded"):
        make_predictor(make_model()).predict_labelled(clip)
