"""track: a robust trajectory through the peaks of all frames of the window, for each joint on its own.

c_t is the position of joint's peak in the map of frame t in heatmap px, h_t its height, t = −n … n and u_t = t/n. The
trajectory x(t) = Σ_k θ_k · u_t^k is a polynomial of degree 4, fitted by iteratively reweighted least squares with the
weights of a Cauchy distribution (Holland, Welsch 1977), and a ridge ρ_k that keeps the higher powers small:

    π_t = exp(a · log(h_t + 1e-3) + δ_|t|)                the trust in a frame; 0 if it does not exist
    c_t is taken relative to its mean, weighted with π
    θ   = (Σ_t w_t A_t A_tᵀ + diag ρ)⁻¹ Σ_t w_t A_t c_t   with A_t = (1, u_t, …, u_t⁴), at first with w = π
    w_t = π_t / (1 + |c_t − x(t)|² / τ²)                  six times, then θ once more
    g   = sigmoid(b + v · log(h_0 + 1e-3) + 2 − |c_0 − x(0)|² / s²)
    position = x(0) + g · (c_0 − x(0)) + mean             the current frame's own peak, if it is near the trajectory

The result is a Gaussian at this position. Its height is Σ w_t h_t / Σ π_t: the height of the peaks, less if they do not
lie on one trajectory. It learns from the distance of the position. A frame without any neighbour keeps its map.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from keras.layers import Layer

from keras_pose.heatmaps import decode_subpixel, render_heatmaps
from keras_pose.pooling.peak_accumulator import PeakAccumulator
from keras_pose.pooling.pooling_kind import POSITION, PoolingKind, find_connected, keep_lone_maps
from keras_pose.pooling.stream_buffer import StreamBuffer
from keras_pose.pooling.traced_once import TracedOnce

NUM_POWERS = 5
ROUNDS = 6
HEIGHT_FLOOR = 1e-3
GATE_OFFSET = 2.0
_START_RIDGE = (1e-3, 1e-2, 3e-2, 1.0, 3.0)


class Track(PoolingKind):
    """track: a robust polynomial through the peaks of all frames."""

    learns = True
    loss = POSITION

    def add_weights(self, layer: Layer, num_frames: int, num_joints: int) -> None:
        def add(name, shape, start):
            # Positive numbers are learned as their logarithms.
            setattr(layer, name, layer.add_weight(name=name, shape=shape, initializer=_Rows(start)))

        joints = (num_joints,)
        add("trust", joints, 2.0)  # a
        add("distance_trust", (num_frames // 2 + 1, num_joints), 0.0)  # δ
        add("log_ridge", (NUM_POWERS, num_joints), np.log(_START_RIDGE))  # ρ
        add("log_tolerance", joints, 0.0)  # τ, heatmap px
        add("log_gate_width", joints, 0.0)  # s, heatmap px
        add("gate_bias", joints, -1.0)  # b
        add("gate_height", joints, 1.0)  # v

    def pool(self, layer: Layer, maps: tf.Tensor, present: tf.Tensor, reliability: tf.Tensor | None) -> tf.Tensor:
        connected = find_connected(present)
        points, heights = decode_subpixel(maps)  # [B, T, J, 2], [B, T, J]
        points, heights = self.find_positions(layer, points, tf.nn.relu(heights), connected)
        pooled = self._draw(layer, points, heights, tf.unstack(tf.shape(maps)[2:4]))
        return keep_lone_maps(pooled, maps, connected)

    def _draw(self, layer, points, heights, size_hw):
        """Draws Gaussians at points [B, J, 2], within the map, with heights [B, J]."""
        height, width = size_hw
        limit = tf.cast(tf.stack([width, height]), tf.float32) - 0.5
        points = tf.clip_by_value(points, -0.5, limit)
        targets = tf.concat([points, tf.ones_like(points[..., :1])], axis=-1)
        return render_heatmaps(targets, (height, width), 1.0, layer.sigma_px) * heights[:, None, None, :]

    def pool_alone(self, layer: Layer, maps: tf.Tensor, num_frames: int) -> tf.Tensor:
        return maps

    def open_accumulator(self, layer: Layer, buffer: StreamBuffer) -> PeakAccumulator:
        def pool(crops, corners, present):
            points, heights = decode_subpixel(crops)
            found = self.find_positions(layer, points + corners, tf.nn.relu(heights), find_connected(present))
            return self._draw(layer, *found, buffer.size_hw)[0]

        return PeakAccumulator(TracedOnce(pool), buffer)

    def find_positions(
        self, layer: Layer, points: tf.Tensor, heights: tf.Tensor, connected: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Finds where each joint is in the current frame.

        Args:
          layer: the layer with the weights.
          points: float32 [B, T, J, 2], (x, y) of the peaks, heatmap px.
          heights: float32 [B, T, J], their heights, at least 0.
          connected: bool [B, T], the frames that count.

        Returns:
          points: float32 [B, J, 2], heatmap px.
          heights: float32 [B, J].
        """
        num_frames = points.shape[1]
        middle = num_frames // 2
        near_to_far = tf.convert_to_tensor(layer.distance_trust)
        distance_trust = tf.concat([tf.reverse(near_to_far[1:], [0]), near_to_far], axis=0)  # [T, J]
        # How far each frame is trusted.
        trust = layer.trust * tf.math.log(heights + HEIGHT_FLOOR) + distance_trust
        trust = tf.exp(trust) * tf.cast(connected, tf.float32)[..., None]  # [B, T, J]
        total = tf.reduce_sum(trust, axis=1)  # [B, J]
        mean = tf.reduce_sum(trust[..., None] * points, axis=1) / total[..., None]  # [B, J, 2]
        points = points - mean[:, None]
        # Fit the trajectory, and trust frames less that lie beside it.
        powers = make_powers(num_frames)
        weight = trust
        tolerance = tf.exp(2.0 * layer.log_tolerance)
        for _ in range(ROUNDS):
            weight = trust / (1.0 + self._square_distances(layer, powers, weight, points) / tolerance)
        fitted = fit_polynomials(powers, weight, points, tf.exp(layer.log_ridge))[:, :, 0]  # x(0): [B, J, 2]
        # Take the current frame's own peak if it is near.
        beside = points[:, middle] - fitted
        square = tf.reduce_sum(tf.square(beside), axis=-1)
        height = tf.math.log(heights[:, middle] + HEIGHT_FLOOR)
        logit = layer.gate_bias + layer.gate_height * height + GATE_OFFSET
        gate = tf.sigmoid(logit - square * tf.exp(-2.0 * layer.log_gate_width))
        found = fitted + gate[..., None] * beside + mean
        return found, tf.reduce_sum(weight * heights, axis=1) / total

    def _square_distances(self, layer, powers, weight, points):
        """float32 [B, T, J]: squared distances of the points [B, T, J, 2] from the trajectory through them."""
        coefficients = fit_polynomials(powers, weight, points, tf.exp(layer.log_ridge))
        fitted = tf.transpose(tf.matmul(powers, coefficients), [0, 2, 1, 3])  # [B, T, J, 2]
        return tf.reduce_sum(tf.square(points - fitted), axis=-1)


def make_powers(num_frames: int) -> tf.Tensor:
    """Returns float32 [T, 5]: the powers 0 to 4 of the time of each frame, which is −1 to 1 over the window."""
    middle = num_frames // 2
    time = (np.arange(num_frames) - middle) / max(middle, 1)
    return tf.constant(time[:, None] ** np.arange(NUM_POWERS), tf.float32)


def fit_polynomials(powers: tf.Tensor, weight: tf.Tensor, points: tf.Tensor, ridge: tf.Tensor) -> tf.Tensor:
    """Solves the weighted least squares of trajectories.

    Args:
      powers: float32 [T, 5].
      weight: float32 [B, T, J], at least 0.
      points: float32 [B, T, J, 2].
      ridge: float32 [5, J], above 0, so that there is always one solution.

    Returns:
      float32 [B, J, 5, 2], the coefficients.
    """
    weighted = tf.transpose(weight, [0, 2, 1])[..., None] * powers  # [B, J, T, 5]
    matrix = tf.matmul(weighted, powers, transpose_a=True) + tf.linalg.diag(tf.transpose(ridge))
    right = tf.matmul(weighted, tf.transpose(points, [0, 2, 1, 3]), transpose_a=True)  # [B, J, 5, 2]
    return tf.linalg.cholesky_solve(tf.linalg.cholesky(matrix), right)


class _Rows:
    """Initialises a weight with one value for each row, or with one value."""

    def __init__(self, start):
        self.start = np.asarray(start, np.float32)

    def __call__(self, shape, dtype=None, **_):
        rows = self.start[:, None] if self.start.ndim else self.start
        return tf.constant(np.broadcast_to(rows, shape), dtype or tf.float32)
