"""Windows of maps that are warped to the middle frame: what a temporal layer sees."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from keras_pose.choosing.candidates import Window
from keras_pose.choosing.clip_maps import ClipMaps, sides_of
from keras_pose.data.clip import Clip
from keras_pose.flow import reliability
from keras_pose.flow.composition_numpy import compose
from keras_pose.flow.warp import warp_by_flow

_WINDOWS_AT_ONCE = 16


@dataclasses.dataclass(frozen=True)
class Windows:
    """Windows around labelled frames.

    Args:
      maps: float16 [N, T, h, w, J], warped to the middle frame.
      valid: float32 [N, T], whether the clip has that frame.
      reliability: float16 [N, T, h, w], 0 to 1.
      targets: float32 [N, J, 3], (x, y, weight) in input px.
      groups: N names.
    """

    maps: np.ndarray
    valid: np.ndarray
    reliability: np.ndarray
    targets: np.ndarray
    groups: tuple[str, ...]

    def narrow(self, num_neighbours: int) -> Windows:
        """Returns views of the windows with fewer neighbours on each side."""
        middle = self.maps.shape[1] // 2
        part = slice(middle - num_neighbours, middle + num_neighbours + 1)
        return dataclasses.replace(
            self, maps=self.maps[:, part], valid=self.valid[:, part], reliability=self.reliability[:, part]
        )

    def rows_of(self, groups: set[str]) -> np.ndarray:
        """Returns the positions of the windows of some groups, int64, rising."""
        return np.flatnonzero([group in groups for group in self.groups])


def of_clip(clip: Clip, found: ClipMaps, targets: np.ndarray, window: Window) -> Windows:
    """Makes the windows of the labelled frames of a clip.

    Args:
      clip: the clip.
      found: its maps, with the flow of the window.
      targets: float32 [N, J, 3], in input px.
      window: the window.
    """
    place_of = {int(position): i for i, position in enumerate(found.positions)}
    pair_of = {(int(a), int(b)): i for i, (a, b) in enumerate(found.pairs)}
    parts = []
    for start in range(0, clip.num_labelled, _WINDOWS_AT_ONCE):
        rows = range(start, min(start + _WINDOWS_AT_ONCE, clip.num_labelled))
        shown = [clip.window(row, window.offsets) for row in rows]
        indices = np.array([[place_of[place] for place in places] for places, _ in shown])
        valid = np.array([of for _, of in shown], np.float32)
        if window.has_flow:
            flows = np.stack([_compose(found, pair_of, *each) for each in shown])
        else:
            flows = np.zeros((*indices.shape, *found.maps.shape[1:3], 2), np.float32)
        warped, reliable = _warp(found.maps[indices], flows, found.images[indices])
        # Without flow, the maps are as they are.
        parts.append((warped.numpy() if window.has_flow else found.maps[indices], valid, reliable.numpy()))
    maps, valid, reliable = (np.concatenate(arrays) for arrays in zip(*parts))
    return Windows(maps, valid, reliable, targets, (clip.group,) * clip.num_labelled)


def concatenate(parts: Sequence[Windows]) -> Windows:
    """Joins windows of several clips."""
    names = ("maps", "valid", "reliability", "targets")
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Windows(**arrays, groups=tuple(itertools.chain.from_iterable(part.groups for part in parts)))


def _compose(found, pair_of, places, valid):
    """Returns float32 [T, h, w, 2], composed from the middle frame outwards."""
    flows = np.zeros((len(places), *found.flows.shape[1:]), np.float32)
    middle = len(places) // 2
    for side in sides_of(valid):
        inner = [middle, *side]
        onwards = (found.flows[pair_of[places[a], places[b]]].astype(np.float32) for a, b in zip(inner, side))
        for place, flow in zip(side, itertools.accumulate(onwards, compose)):
            flows[place] = flow
    return flows


@tf.function(reduce_retracing=True, autograph=False)
def _warp(maps, flows, images):
    """Warped maps float16 [n, T, h, w, J], and how reliable their flow is, float16 [n, T, h, w]."""
    reliable = reliability.window_reliability(tf.cast(images, tf.float32), flows)
    return tf.cast(warp_by_flow(maps, flows), tf.float16), tf.cast(reliable, tf.float16)
