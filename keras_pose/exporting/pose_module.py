"""The trained net with all that stands before and behind it, as functions that go into a SavedModel.

Joints leave in px of the frame that was sent. A row whose image cannot be decoded, and a joint whose map has no
positive peak, have keypoints 0, score 0 and valid false: numbers are always finite.

Letters: B batch, T frames of a clip, h w heatmap, J joints.
"""

from __future__ import annotations

import tensorflow as tf

from keras_pose import geometry
from keras_pose.exporting import fit_to_input, images
from keras_pose.models.pose_net import PoseNet
from keras_pose.pooling import clip_pooling

_CHUNK = 32  # frames a clip's net sees at a time
# Methods by the names of their signatures.
_SIGNATURES = {
    "serving_default": "predict",
    "predict_regions": "predict_regions",
    "predict_frames": "predict_frames",
    "predict_clip": "predict_clip",
    "describe": "describe",
    "heatmaps": "predict_heatmaps",
}


def signature_names(config) -> list[str]:
    """Returns the names of the signatures of a run's export, of which a coordinate net has one fewer.

    Args:
      config: `TrainConfig` of the run.
    """
    return [name for name in _SIGNATURES if name != "heatmaps" or config.model.kind.predicts_heatmaps]


class PoseModule(tf.Module):
    """What `tf.saved_model.save` saves.

    Args:
      model: heatmap, coordinate or flowing net of `models.factory`, with the warp kernel "gather".
      config: `TrainConfig` of its run.
      texts: dict of str to str, what `describe` answers by topic.

    Attributes:
      size_hw: (height, width) of the net's input in px.
      has_maps: whether the net makes heatmaps.
      stride: px of the input per px of a heatmap; 1 where there are none.
      net_variables: list of its `tf.Variable`s.
    """

    def __init__(self, model, config, texts):
        super().__init__(name="pose")
        # Keras 3 keeps a tf.Variable inside each of its own.
        self.net_variables = [v if isinstance(v, tf.Variable) else v.value for v in model.variables]
        self._names = signature_names(config)
        self.size_hw = tuple(config.model.input_size_hw)
        self._texts = dict(texts)
        whole = PoseNet(model)
        self._net = whole.frame_net()
        self.has_maps = self._net.predicts_heatmaps()
        self.stride = self._net.heatmap_stride() if self.has_maps else 1
        self._pool_clip = None
        self._pool_alone = None
        pooling = whole.pooling()
        if pooling is not None:
            neighbours = whole.num_neighbours()
            self._pool_alone = clip_pooling.make_pool_alone(pooling, neighbours)
            self._pool_clip = clip_pooling.make_pool_clip(
                pooling, neighbours, config.window.frame_stride, self.stride, has_flow=config.window.has_flow
            )

    def signatures(self) -> dict:
        """Returns the functions by signature name."""
        return {name: getattr(self, _SIGNATURES[name]) for name in self._names}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
    def predict(self, image_bytes):
        """Joints of whole images: string [B]."""
        return self._predict_images(image_bytes, tf.zeros([tf.shape(image_bytes)[0], 4]))

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="image_bytes"),
            tf.TensorSpec([None, 4], tf.float32, name="regions"),
        ]
    )
    def predict_regions(self, image_bytes, regions):
        """Joints of regions of images: string [B], and float32 [B, 4] (left, top, width, height) in px."""
        return self._predict_images(image_bytes, regions)

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.uint8, name="frames")])
    def predict_frames(self, frames):
        """Joints of decoded frames of one size: uint8 [B, H, W, 3]."""
        fitted, to_frame, present = self._fit_frames(frames)
        return self._answer(self._run(fitted), to_frame, present)

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.string, name="frames_bytes")])
    def predict_clip(self, frames_bytes):
        """Joints of clips, string [B, T]: frames in order, the empty string where there is none."""
        shape = tf.shape(frames_bytes)
        flat = tf.reshape(frames_bytes, [-1])
        fitted, to_frame, present = images.decode_and_fit(flat, tf.zeros([tf.size(flat), 4]), self.size_hw)
        output = clip_pooling.map_in_chunks(self._call, fitted, _CHUNK, self._net.output_shape())
        if self._pool_clip is not None:
            output = self._pool_clip(output, fitted, present, shape[1])
        answer = self._answer(output, to_frame, present)
        return {
            name: tf.reshape(value, tf.concat([shape, tf.shape(value)[1:]], 0), name=name)
            for name, value in answer.items()
        }

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.uint8, name="frames")])
    def predict_heatmaps(self, frames):
        """Heatmaps of decoded frames of one size: uint8 [B, H, W, 3]."""
        fitted, to_frame, _ = self._fit_frames(frames)
        to_input = tf.constant(geometry.scaling(self.stride), tf.float32)
        return {"heatmaps": _finite(self._run(fitted)), "to_frame": tf.matmul(to_frame, to_input[None])}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="topic")])
    def describe(self, topic):
        """What the model is: string [B], each "skeleton" or "model_card", to JSON."""
        text = tf.fill(tf.shape(topic), "")
        for name, value in self._texts.items():
            text = tf.where(topic == name, value, text)
        return {"text": text}

    def predict_fitted(self, frames):
        """Joints of frames that have the size of the input already: uint8 [B, *size_hw, 3]."""
        output = self._run(tf.cast(frames, tf.float32))
        return _without_nothing(*self._decode(output), tf.fill([tf.shape(frames)[0]], True))

    def _predict_images(self, image_bytes, regions):
        fitted, to_frame, present = images.decode_and_fit(image_bytes, regions, self.size_hw)
        return self._answer(self._run(fitted), to_frame, present)

    def _fit_frames(self, frames):
        fitted, to_frame, _ = fit_to_input.fit_to_input(frames, tf.zeros([4]), self.size_hw)
        count = tf.shape(frames)[0]
        return fitted, tf.tile(to_frame[None], [count, 1, 1]), tf.fill([count], True)

    def _call(self, fitted):
        return tf.cast(self._net.model(fitted, training=False)[self._net.main_output()], tf.float32)

    def _run(self, fitted):
        """float32 [B, h, w, J] or [B, J, 2]: what the net says of frames without neighbours."""
        count = tf.shape(fitted)[0]
        # A batch of none becomes one of one: fused convolutions on CPUs fail on it.
        fitted = tf.pad(fitted, [[0, tf.cast(count == 0, tf.int32)], [0, 0], [0, 0], [0, 0]])
        output = self._call(tf.ensure_shape(fitted, [None, *self.size_hw, 3]))[:count]
        return output if self._pool_alone is None else self._pool_alone(output)

    def _answer(self, output, to_frame, present):
        """The outputs of the signatures of maps [B, h, w, J] or positions [B, J, 2]."""
        points, peaks = self._decode(output)
        points = tf.matmul(points, to_frame[:, :2, :2], transpose_b=True) + to_frame[:, None, :2, 2]
        return _without_nothing(points, peaks, present)

    def _decode(self, output):
        """float32 [B, J, 2] in px of the input, and [B, J]."""
        points, peaks = self._net.decode(output)
        return points, peaks if self.has_maps else tf.ones_like(peaks)


def _without_nothing(points, peaks, present):
    finite = tf.math.is_finite(peaks) & tf.reduce_all(tf.math.is_finite(points), -1)
    valid = present[:, None] & finite & (peaks > 0)
    return {
        "keypoints": tf.where(valid[..., None], points, 0.0),
        "scores": tf.where(valid, tf.minimum(peaks, 1.0), 0.0),
        "valid": valid,
    }


def _finite(values):
    return tf.where(tf.math.is_finite(values), values, 0.0)
