"""A small net that is trained again and again, without building and tracing it each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.common import training_steps
from benchmarks.labelling.pools import PoolClip
from keras_pose.confidence import ambiguity
from keras_pose.data.clip import Clip
from keras_pose.data.mirroring import decide_mirroring
from keras_pose.data.samples import Samples
from keras_pose.inference.predictor import Predictor
from keras_pose.models import factory
from keras_pose.poses.video_poses import ModelFacts, VideoFacts, VideoPoses, empty_arrays
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from keras_pose.training import trainer


class SmallNet:
    """A net for single frames.

    Args:
      config: its configuration; `steps` are those of each training. The last weights are used, without averaging.
      skeleton: the joints.
    """

    def __init__(self, config: TrainConfig, skeleton: Skeleton) -> None:
        self._config = config
        self._skeleton = skeleton
        self._model = self._build()
        trainer.compile_model(self._model, config.optimisation, config.loss)
        self._predictor = Predictor(self._model, skeleton, config.model.input_size_hw)

    @property
    def weights(self) -> list[np.ndarray]:
        """The weights of the net, which can be set."""
        return self._model.get_weights()

    @weights.setter
    def weights(self, weights: Sequence[np.ndarray]) -> None:
        self._model.set_weights(weights)

    def renew(self, seed: int) -> None:
        """Gives the net new weights."""
        keras.utils.set_random_seed(seed)
        self.weights = self._build().get_weights()

    def train(self, clips: Sequence[Clip], seed: int, rounds: int = 1) -> None:
        """Trains on from the present weights; the learning rate rises and falls once in each round.

        Args:
          clips: clips with the labels to learn from.
          seed: of the order of the frames and the augmentation.
          rounds: how many times the steps of the configuration.
        """
        config = self._config.replace(seed=seed)
        samples = Samples(clips, config.model.input_size_hw)
        mirroring = decide_mirroring(config.augmentation, self._skeleton)
        batches = training_steps.open_batches(self._model, samples, config, mirroring)
        for _ in range(rounds):
            for variable in list(self._model.optimizer.variables):
                variable.assign(tf.zeros_like(variable))
            for _ in range(config.optimisation.steps):
                inputs, targets = next(batches)
                self._model.train_on_batch(inputs, targets, return_dict=True)

    def errors(self, clips: Sequence[Clip]) -> np.ndarray:
        """Returns float64 [clips]: the mean error of each clip's labels, in % of the frame's longer side."""
        errors = []
        for clip in clips:
            joints, _ = self._predictor.predict_labelled(clip)
            distance = np.linalg.norm(joints - clip.joints, axis=-1)
            errors.append(100 * np.nanmean(distance) / max(clip.frames.size_hw))
        return np.array(errors)

    def predict(self, clip: PoolClip) -> VideoPoses:
        """Predicts the frames of a clip of a pool, with its ambiguous joints; scores are not calibrated."""
        points, heights = self._predictor.predict_modes(clip.pictures, max_modes=2)
        joints, scores = self._predictor.predict(clip.pictures)
        height, width = clip.pictures.shape[1:3]
        arrays: dict[str, Any] = empty_arrays(len(clip.numbers), 1, self._skeleton.num_joints)
        arrays["frames"] = clip.numbers
        arrays["decoded"][:] = True
        arrays["joints"][:, 0] = joints
        arrays["scores"][:, 0] = scores
        arrays["ambiguous"][:, 0] = ambiguity.is_ambiguous(
            points[:, :, 0], heights[..., 0], points[:, :, 1], heights[..., 1], max(height, width)
        )
        video = VideoFacts(clip.clip.name, (height, width))
        return VideoPoses(video=video, model=ModelFacts("small net"), skeleton=self._skeleton, **arrays)

    def _build(self):
        return factory.build_net(self._config.model, self._config.window, self._skeleton.num_joints)
