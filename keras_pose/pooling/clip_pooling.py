"""Flow, warps and pooling of whole clips in the graph: each frame goes through the net once.

Flow is estimated between frames `frame_stride` apart, in both directions, and composed outwards from each frame, as
`WindowFlow` does for one window. A window ends at the ends of the clip, and at a missing frame: nothing beyond it can
be brought onto the middle.

The frames of B clips of T frames lie one after the other, frame t of clip b at b·T + t; N = B·T.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from keras_pose.flow import composition, in_graph
from keras_pose.pooling.reach import TOLERANCE
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.pooling.windows import pool_window

_FLOW_CHUNK = 8
_WINDOW_CHUNK = 8
_PAST = -1
_FUTURE = 1


class ClipReach(NamedTuple):
    """How far windows reach in each clip, as `reach.Reach`, for the N frames of all clips.

    Attributes:
      stride: int32 [N], frames from one neighbour to the next.
      num_within: int32 [N], neighbours on each side that are not too far away in time.
    """

    stride: tf.Tensor
    num_within: tf.Tensor


def find_reach(num_neighbours: int, seconds: float, frame_rates: tf.Tensor) -> ClipReach:
    """Does in the graph what `reach.find_reach` does.

    Args:
      num_neighbours: n, 1 or more.
      seconds: reach on each side in s, above 0.
      frame_rates: float32 [B], frames per second, above 0.

    Returns:
      `ClipReach` of int32 [B].
    """
    in_frames = seconds * tf.cast(frame_rates, tf.float64)
    stride = tf.maximum(1, tf.cast(tf.round(in_frames / num_neighbours), tf.int32))
    furthest = tf.cast(tf.floor(in_frames + TOLERANCE), tf.int32)
    return ClipReach(stride, tf.minimum(num_neighbours, furthest // stride))


def make_pool_alone(pooling: TemporalPooling, num_neighbours: int) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns a function of maps float32 [B, h, w, J] to the same, pooled as frames without neighbours.

    Args:
      pooling: `TemporalPooling`, built.
      num_neighbours: neighbours on each side of a window.
    """
    return lambda maps: pooling.pool_alone(maps, 2 * num_neighbours + 1)


def make_pool_clip(
    pooling: TemporalPooling,
    num_neighbours: int,
    frame_stride: int,
    map_stride: int,
    has_flow: bool = True,
    num_within: int | None = None,
) -> Callable[..., tf.Tensor]:
    """Returns a function that pools the maps of clips.

    Args:
      pooling: `TemporalPooling`, built.
      num_neighbours: neighbours on each side of a window.
      frame_stride: frames from one neighbour to the next.
      map_stride: input px per heatmap px.
      has_flow: whether maps are warped; otherwise they are pooled as they are.
      num_within: neighbours on each side that are not too far away in time; None: all.

    Returns:
      Function of maps float32 [N, h, w, J], frames float32 [N, H, W, 3], present bool [N] and length int32 T to float32
      [N, h, w, J]. A further argument, `ClipReach`, takes the place of `frame_stride` and `num_within`.
    """
    usual = (frame_stride, num_neighbours if num_within is None else num_within)

    def pool(maps, frames, present, length, reach=None):
        # Put the maps of each frame beside the flow to its next neighbour, once for each direction.
        indices = tf.range(tf.shape(maps)[0])
        strides = usual[0] if reach is None else reach.stride
        entries = {}
        for direction in (_PAST, _FUTURE):
            flow = tf.zeros_like(maps[..., :2])
            if has_flow:
                sources, _ = _neighbours(indices, direction * strides, length)
                flow = _estimate_flow(frames, sources, map_stride)
            entries[direction] = tf.concat([maps, flow], -1)
        small = tf.nn.avg_pool2d(frames, map_stride, map_stride, "VALID")

        # Walk outwards from a few middle frames at a time, and pool the maps on the way.
        def pool_windows(middles):
            here = usual if reach is None else [tf.gather(values, middles) for values in reach]
            sides = [
                _walk_outwards(middles, values, direction, num_neighbours, here, present, length)
                for direction, values in entries.items()
            ]
            return _pool(pooling, middles, sides, maps, small)

        return map_in_chunks(pool_windows, indices, _WINDOW_CHUNK, maps.shape[1:])

    return pool


def map_in_chunks(
    function: Callable[[tf.Tensor], tf.Tensor], values: tf.Tensor, size: int, shape: Sequence[int | None]
) -> tf.Tensor:
    """Applies a function to chunks of the first axis, one after the other, so that memory stays bounded.

    Args:
      function: of a tensor [size, ...] to a float32 tensor [size, *shape].
      values: tensor [N, ...]; the last chunk is filled by repeating its last entry.
      size: entries per chunk.
      shape: shape of the result for one entry; None for an unknown side.

    Returns:
      float32 [N, *shape].
    """
    count = tf.shape(values)[0]
    num_chunks = (count + size - 1) // size

    def apply(chunk):
        places = tf.minimum(chunk * size + tf.range(size), count - 1)
        return function(tf.ensure_shape(tf.gather(values, places), [size, *values.shape[1:]]))

    signature = tf.TensorSpec([size, *shape], tf.float32)
    chunks = tf.map_fn(apply, tf.range(num_chunks), parallel_iterations=1, fn_output_signature=signature)
    flat = tf.reshape(chunks, tf.concat([[num_chunks * size], tf.shape(chunks)[2:]], 0))
    return tf.ensure_shape(flat[:count], [None, *shape])


def _neighbours(indices, frames_away, length):
    """Returns positions `frames_away` in the same clip, and whether they exist; if not, the frame's own position."""
    place = indices % length + frames_away
    inside = (place >= 0) & (place < length)
    return tf.where(inside, indices + frames_away, indices), inside


def _estimate_flow(frames, sources, map_stride):
    """float32 [N, h, w, 2] in heatmap px: brings frame sources[i] onto frame i."""

    def estimate(targets):
        flow = in_graph.estimate_flow(tf.gather(frames, targets), tf.gather(frames, tf.gather(sources, targets)))
        return composition.reduce_flow(flow, map_stride)

    shape = [side // map_stride for side in frames.shape[1:3]]
    return map_in_chunks(estimate, tf.range(tf.shape(frames)[0]), _FLOW_CHUNK, [*shape, 2])


def _walk_outwards(middles, entries, direction, num_neighbours, reach, present, length):
    """One side of windows, from the nearest neighbour outwards: lists of warped maps, flow, places and validity.

    `entries` float32 [N, h, w, J + 2] hold maps, and the flow to the next neighbour (see `flow.composition.carry`).
    `reach` is the stride and the number of neighbours that count, each a number or int32 [C].
    """
    frame_stride, num_within = reach
    flow = tf.gather(entries[..., -2:], middles)
    valid = tf.gather(present, middles)
    side = []
    for step in range(1, num_neighbours + 1):
        places, inside = _neighbours(middles, direction * step * frame_stride, length)
        valid &= inside & tf.gather(present, places) & (step <= num_within)
        maps, onward = composition.carry(tf.gather(entries, places), flow)
        side.append((maps, flow, places, valid))
        flow = onward
    return side


def _pool(pooling, middles, sides, maps, small):
    """Pools windows, given their neighbours on both sides.

    Args:
      pooling: `TemporalPooling`.
      middles: int32 [C], positions of the middle frames.
      sides: past and future, each as `_walk_outwards` returns it.
      maps: float32 [N, h, w, J].
      small: float32 [N, h, w, 3], the frames, averaged to the size of the maps.

    Returns:
      float32 [C, h, w, J].
    """
    past, future = sides
    current = tf.gather(maps, middles)
    itself = (current, tf.zeros_like(current[..., :2]), middles, tf.ones_like(middles, tf.bool))
    # Put the frames in order of time: reverse the past.
    columns = [tf.stack(column, axis=1) for column in zip(*past[::-1], itself, *future)]
    windows, flows, places, valid = columns
    return pool_window(pooling, windows, tf.cast(valid, tf.float32), tf.gather(small, places), flows)
