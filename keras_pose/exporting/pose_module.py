"""The trained net, with everything before and after it, as functions that go into a SavedModel.

Joints are returned in px of the frame that was sent. If an image cannot be decoded, or the map of a joint has no
positive peak, then keypoints and scores are 0 and valid is false. All numbers are finite. If the run has a calibration,
each answer also has confidences and expected_errors_px (`exporting/confidences.py`).

A new signature is one method with the decorator `signature`; nothing else has to change.

Letters: B batch, T frames of a clip, H W image, h w heatmap, J joints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import keras
import tensorflow as tf

from keras_pose import geometry
from keras_pose.confidence.calibration import Calibration
from keras_pose.exporting import confidences, examples, fit_to_input, images
from keras_pose.exporting.signatures import find_signatures, signature
from keras_pose.models.folding import fold_norms
from keras_pose.models.pose_net import PoseNet
from keras_pose.pooling import clip_pooling
from keras_pose.runs.config import TrainConfig

_CHUNK = 32  # frames of a clip that go through the net at a time
_MOST_FRAMES_S = 10000.0  # a higher rate counts as this one

_IMAGES = tf.TensorSpec([None], tf.string, name="image_bytes")
_REGIONS = tf.TensorSpec([None, 4], tf.float32, name="regions")
_FRAMES = tf.TensorSpec([None, None, None, 3], tf.uint8, name="frames")
_CLIPS = tf.TensorSpec([None, None], tf.string, name="frames_bytes")
_RATES = tf.TensorSpec([None], tf.float32, name="frame_rate")
_TOPICS = tf.TensorSpec([None], tf.string, name="topic")


class PoseModule(tf.Module):
    """The object that `tf.saved_model.save` saves.

    Args:
      model: heatmap, coordinate or flowing net of `models.factory`, with the warp kernel "gather".
      config: `TrainConfig` of its run.
      texts: the answers of `describe`, by topic.
      calibration: `Calibration` of the net's scores; None: answers have no confidences.

    Attributes:
      size_hw: (height, width) of the net's input in px.
      has_maps: whether the net predicts heatmaps.
      stride: input px per heatmap px; 1 if there are no heatmaps.
      in_seconds: whether it pools windows that are given in seconds.
      net_variables: list of the net's `tf.Variable`s.
    """

    def __init__(
        self,
        model: keras.Model,
        config: TrainConfig,
        texts: Mapping[str, str],
        calibration: Calibration | None = None,
    ) -> None:
        super().__init__(name="pose")
        self.size_hw = tuple(config.model.input_size_hw)
        self._texts = dict(texts)
        self._calibration = calibration
        whole = PoseNet(model)
        pooling = whole.pooling()
        self._net = PoseNet(fold_norms(whole.frame_net().model))
        variables = [*self._net.model.variables, *(pooling.variables if pooling is not None else ())]
        # Keras 3 keeps a tf.Variable inside each of its own.
        self.net_variables = [v if isinstance(v, tf.Variable) else v.value for v in variables]
        self.has_maps = self._net.predicts_heatmaps()
        self.stride = self._net.heatmap_stride() if self.has_maps else 1
        # Functions that all signatures call: the graph of an export then holds the net and the decoder once. Not by
        # assignment, for a module's own functions are offered to clients.
        fitted = tf.TensorSpec([None, *self.size_hw, 3], tf.float32)
        output = tf.TensorSpec([None, *self._net.output_shape()], tf.float32)
        object.__setattr__(self, "_run_net", tf.function(self._make_output, [fitted], autograph=False))
        object.__setattr__(self, "_decode", tf.function(self._find_joints, [output], autograph=False))
        self._pool_clip = None
        self._pool_alone = None
        self._window = config.window
        self.in_seconds = pooling is not None and config.window.in_seconds
        if not self.in_seconds:
            object.__setattr__(
                self, "predict_clip_at_rate", None
            )  # saving would trace it, although no signature needs it
        if pooling is not None:
            neighbours = whole.num_neighbours()
            stride, num_within = config.window.reach_at()
            self._pool_alone = clip_pooling.make_pool_alone(pooling, neighbours)
            self._pool_clip = clip_pooling.make_pool_clip(
                pooling, neighbours, stride, self.stride, has_flow=config.window.has_flow, num_within=num_within
            )

    def signatures(self) -> dict[str, Callable[..., dict[str, tf.Tensor]]]:
        """Returns the functions by signature name; they work as long as the module exists."""
        entries = find_signatures(PoseModule, self.has_maps, self.in_seconds)
        return {entry.name: getattr(self, entry.method) for entry in entries}

    @signature("serving_default", _IMAGES, example=lambda: {"image_bytes": examples.make_jpegs()})
    def predict(self, image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        """Joints of whole images: string [B]."""
        return self._predict_images(image_bytes, tf.zeros([tf.shape(image_bytes)[0], 4]))

    @signature(
        "predict_regions",
        _IMAGES,
        _REGIONS,
        example=lambda: {
            "image_bytes": examples.make_jpegs(),
            "regions": tf.constant([[8.0, 8.0, 96.0, 80.0]]),
        },
    )
    def predict_regions(self, image_bytes: tf.Tensor, regions: tf.Tensor) -> dict[str, tf.Tensor]:
        """Joints of regions of images: string [B], and float32 [B, 4] (left, top, width, height) in px."""
        return self._predict_images(image_bytes, regions)

    @signature("predict_frames", _FRAMES, example=lambda: {"frames": examples.make_frames()})
    def predict_frames(self, frames: tf.Tensor) -> dict[str, tf.Tensor]:
        """Joints of decoded frames of one size: uint8 [B, H, W, 3]."""
        fitted, to_frame, _ = fit_to_input.fit_to_input(frames, tf.zeros([4]), self.size_hw)
        return self.predict_fitted_whole(fitted, to_frame)

    @signature("predict_clip", _CLIPS, example=lambda: {"frames_bytes": examples.make_jpegs(2)[None]})
    def predict_clip(self, frames_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        """Joints of clips: string [B, T], frames in order; an empty string marks a missing frame."""
        return self._predict_clips(frames_bytes)

    @signature(
        "predict_clip_at_rate",
        _CLIPS,
        _RATES,
        example=lambda: {"frames_bytes": examples.make_jpegs(2)[None], "frame_rate": tf.constant([30.0])},
        needs_seconds=True,
    )
    def predict_clip_at_rate(self, frames_bytes: tf.Tensor, frame_rate: tf.Tensor) -> dict[str, tf.Tensor]:
        """Joints of clips as `predict_clip`, and float32 [B], their frames per second; 0: unknown.

        The distance of neighbours in frames follows from the rate, so that windows reach as far in time as in training.
        """
        count, length = tf.unstack(tf.shape(frames_bytes))
        known = tf.math.is_finite(frame_rate) & (frame_rate > 0)
        rates = tf.minimum(tf.where(known, frame_rate, self._window.assumed_rate), _MOST_FRAMES_S)
        rates = tf.broadcast_to(rates, [count])
        reach = clip_pooling.find_reach(self._window.num_neighbours, self._window.window_seconds, rates)
        return self._predict_clips(
            frames_bytes, clip_pooling.ClipReach(*(tf.repeat(of_clip, length) for of_clip in reach))
        )

    def _predict_clips(self, frames_bytes, reach=None):
        # Decode the frames of all clips as one batch: N = B·T.
        shape = tf.shape(frames_bytes)
        flat = tf.reshape(frames_bytes, [-1])
        fitted, to_frame, present = images.decode_and_fit(flat, tf.zeros([tf.size(flat), 4]), self.size_hw)
        # Run the net once for each frame, then pool the windows.
        output = clip_pooling.map_in_chunks(self._run_net, fitted, _CHUNK, self._net.output_shape())
        if self._pool_clip is not None:
            output = self._pool_clip(output, fitted, present, shape[1], reach)
        # Split the rows into clips again: [N, …] to [B, T, …].
        answer = self._read_joints(output, to_frame, present)
        return {
            name: tf.reshape(value, tf.concat([shape, tf.shape(value)[1:]], 0), name=name)
            for name, value in answer.items()
        }

    @signature("describe", _TOPICS, example=lambda: {"topic": tf.constant(["skeleton"])})
    def describe(self, topic: tf.Tensor) -> dict[str, tf.Tensor]:
        """Facts about the model: string [B], each "skeleton", "model_card" or "calibration", to JSON."""
        text = tf.fill(tf.shape(topic), "")
        for name, value in self._texts.items():
            text = tf.where(topic == name, value, text)
        return {"text": text}

    @signature("heatmaps", _FRAMES, example=lambda: {"frames": examples.make_frames()}, needs_heatmaps=True)
    def predict_heatmaps(self, frames: tf.Tensor) -> dict[str, tf.Tensor]:
        """Heatmaps of decoded frames of one size: uint8 [B, H, W, 3]."""
        fitted, to_frame, _ = fit_to_input.fit_to_input(frames, tf.zeros([4]), self.size_hw)
        maps = self._run_alone(fitted)
        to_input = tf.constant(geometry.scaling(self.stride), tf.float32)
        return {
            "heatmaps": tf.where(tf.math.is_finite(maps), maps, 0.0),
            "to_frame": tf.tile(tf.matmul(to_frame, to_input)[None], [tf.shape(frames)[0], 1, 1]),
        }

    def predict_fitted(self, frames: tf.Tensor) -> dict[str, tf.Tensor]:
        """Joints, in input px, of frames that already have the input's size: uint8 [B, *size_hw, 3]."""
        points, scores = self._decode(self._run_alone(tf.cast(frames, tf.float32)))
        return _zero_invalid(points, scores, tf.fill([tf.shape(frames)[0]], True))

    def predict_fitted_whole(self, fitted: tf.Tensor, to_frame: tf.Tensor) -> dict[str, tf.Tensor]:
        """Joints, in frame px, of whole frames of one size that were fitted to the input.

        Args:
          fitted: float32 [B, *size_hw, 3], 0 to 255.
          to_frame: float32 [3, 3], input px to frame px.
        """
        count = tf.shape(fitted)[0]
        to_frames = tf.tile(to_frame[None], [count, 1, 1])
        return self._read_joints(self._run_alone(fitted), to_frames, tf.fill([count], True))

    def _predict_images(self, image_bytes, regions):
        fitted, to_frame, present = images.decode_and_fit(image_bytes, regions, self.size_hw)
        return self._read_joints(self._run_alone(fitted), to_frame, present, regions)

    def _make_output(self, fitted):
        """float32 [B, h, w, J] or [B, J, 2] of frames float32 [B, *size_hw, 3]."""
        return tf.cast(self._net.model(fitted, training=False)[self._net.main_output()], tf.float32)

    def _run_alone(self, fitted):
        """float32 [B, h, w, J] or [B, J, 2]: output for frames without neighbours."""
        # Pad an empty batch to one frame: fused convolutions on CPUs fail on an empty one.
        count = tf.shape(fitted)[0]
        fitted = tf.pad(fitted, [[0, tf.cast(count == 0, tf.int32)], [0, 0], [0, 0], [0, 0]])
        output = self._run_net(tf.ensure_shape(fitted, [None, *self.size_hw, 3]))[:count]
        return output if self._pool_alone is None else self._pool_alone(output)

    def _read_joints(self, output, to_frame, present, regions=None):
        """Keypoints in frame px, scores and valid, from maps [B, h, w, J] or positions [B, J, 2]."""
        points, scores = self._decode(output)
        points = tf.matmul(points, to_frame[:, :2, :2], transpose_b=True) + to_frame[:, None, :2, 2]
        answer = _zero_invalid(points, scores, present)
        if self._calibration is None:
            return answer
        sides = confidences.longer_sides(to_frame, self.size_hw, regions)
        return {**answer, **confidences.read(self._calibration, answer, sides)}

    def _find_joints(self, output):
        """float32 [B, J, 2] in input px, and float32 [B, J], peaks of the maps; 1 for a coordinate net."""
        points, peaks = self._net.decode(output)
        return points, peaks if self.has_maps else tf.ones_like(peaks)


def _zero_invalid(points, peaks, present):
    """Outputs of a signature: 0 for missing images, joints without a positive peak and numbers that are not finite."""
    finite = tf.math.is_finite(peaks) & tf.reduce_all(tf.math.is_finite(points), -1)
    valid = present[:, None] & finite & (peaks > 0)
    return {
        "keypoints": tf.where(valid[..., None], points, 0.0),
        "scores": tf.where(valid, tf.minimum(peaks, 1.0), 0.0),
        "valid": valid,
    }
