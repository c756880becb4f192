"""The picture of labelled frames: the poses of a model on test signers, and which joints are marked."""

import numpy as np
import pytest

from benchmarks.figures import labelled_figure
from keras_pose.data.synthetic import signers
from keras_pose.inference.pose_model import Modes, PoseModel, Poses
from keras_pose.viz import pose_marks


class TruthModel(PoseModel):
    """Predicts the true joints of a signer; the second mode of the head is high and far away if `doubts`."""

    skeleton = signers.SKELETON

    def __init__(self, clip, doubts):
        self.joints = signers.generate("test", clip, 16, labelled_figure.SIZE_HW).joints
        self.doubts = doubts

    def predict(self, frames, frame_rate=0.0):
        return Poses(self.joints, np.ones(self.joints.shape[:2], np.float32))

    def predict_modes(self, frames, max_modes=3, min_height=0.1, frame_rate=0.0):
        assert len(frames) == 1
        joints = np.repeat(self.joints[14:15, :, None], 2, 2)
        joints[..., 1, :] += 100
        scores = np.ones(joints.shape[:3], np.float32)
        scores[..., 1] = 0.1
        scores[:, 0, 1] = 0.9 if self.doubts else 0.1
        return Modes(joints, scores)

    def stream(self, mode="centred", frame_rate=0.0):
        raise NotImplementedError


@pytest.mark.parametrize("clip", [3])
def test_joints_are_drawn_and_the_ambiguous_one_is_marked(clip):
    plain = labelled_figure.draw(TruthModel(clip, False), (clip,))
    marked = labelled_figure.draw(TruthModel(clip, True), (clip,))
    joints = TruthModel(clip, False).joints[14].round().astype(int)
    left = [name.startswith("left") for name in signers.SKELETON.joints].index(True)
    np.testing.assert_array_equal(plain[joints[left][1], joints[left][0]], pose_marks.LEFT_COLOR)
    places = np.argwhere((plain != marked).any(-1))
    head = joints[signers.SKELETON.index("head")][::-1]
    assert len(places) > 10
    assert np.abs(places - head).max() < 15
