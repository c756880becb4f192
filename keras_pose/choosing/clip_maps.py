"""The maps of all frames of the windows of a clip, and the flow between them: computed once, kept on disk.

Frames are mapped to the net's input as in training. Flow is estimated on the input, as in a stream, and reduced to the
grid of the maps.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Collection, Sequence

import cv2
import numpy as np
import tensorflow as tf

from keras_pose import files, geometry
from keras_pose.choosing.candidates import Window
from keras_pose.data import augment
from keras_pose.data.clip import HIDDEN, Clip
from keras_pose.data.frame_store import FrameStore
from keras_pose.flow.composition_numpy import resize_flow

PredictMaps = Callable[[np.ndarray], np.ndarray]
EstimateFlow = Callable[[np.ndarray, np.ndarray], np.ndarray]
_ROWS_AT_ONCE = 32  # labelled frames whose windows are in memory


@dataclasses.dataclass(frozen=True)
class ClipMaps:
    """What is kept of a clip. Letters: K pairs of frames.

    Args:
      positions: int64 [P], the frames, rising.
      maps: float16 [P, h, w, J].
      images: uint8 [P, h, w, 3], the frames averaged to the size of the maps.
      pairs: int64 [K, 2], (target, source) positions.
      flows: float16 [K, h, w, 2], in heatmap px: target(p) = source(p + flow(p)); pairs in the order of `pairs`.
    """

    positions: np.ndarray
    maps: np.ndarray
    images: np.ndarray
    pairs: np.ndarray
    flows: np.ndarray


class MapStore:
    """Computes and keeps the maps of clips.

    Args:
      folder: folder to keep them in; created if it does not exist.
      input_size_hw: (height, width) of the net's input in px.
      windows: the windows that are needed.
      open_flow: function of the name of a flow to its estimator (`flow.estimators.open_estimator`).
    """

    def __init__(
        self,
        folder: str,
        input_size_hw: tuple[int, int],
        windows: Sequence[Window],
        open_flow: Callable[[str], EstimateFlow],
    ) -> None:
        self._folder = folder
        self._input_size_hw = (input_size_hw[0], input_size_hw[1])
        self._windows = list(windows)
        self._open_flow = open_flow

    def fill(self, clips: Sequence[Clip], prefix: str, predict_maps: PredictMaps) -> None:
        """Computes the maps of clips that are missing.

        Args:
          clips: the clips; those of one prefix always come in the same order.
          prefix: name of these clips in the folder.
          predict_maps: function of float32 [F, H, W, 3], RGB 0..255, to float32 [F, h, w, J].

        Raises:
          ValueError: if a frame cannot be read; the message names file and frame.
        """
        for number, clip in enumerate(clips):
            path = self._path(prefix, number)
            if not os.path.exists(path):
                files.write_arrays(path, self._compute(clip, predict_maps))

    def read(self, prefix: str, number: int, flow: str) -> ClipMaps:
        """Reads the maps of a clip with the flow of one estimator ("none": no pairs)."""
        arrays = files.read_arrays(self._path(prefix, number), "maps of a clip")
        nothing = {"pairs": np.zeros((0, 2), np.int64), "flows": np.zeros((0, *arrays["maps"].shape[1:3], 2))}
        pairs, flows = (arrays.get(f"{name}_{flow}", nothing[name]) for name in ("pairs", "flows"))
        return ClipMaps(arrays["positions"], arrays["maps"], arrays["images"], pairs, flows)

    def _path(self, prefix, number):
        return os.path.join(self._folder, f"{prefix}-{number:05d}.npz")

    def _compute(self, clip, predict_maps):
        """Returns the arrays of a clip, a few windows at a time, so that few frames are in memory."""
        store = FrameStore(self._input_size_hw, cache=False)
        estimators = {name: self._open_flow(name) for name in {w.flow for w in self._windows if w.has_flow}}
        maps: dict[int, np.ndarray] = {}
        images: dict[int, np.ndarray] = {}
        flows: dict[str, dict[tuple[int, int], np.ndarray]] = {name: {} for name in sorted(estimators)}
        for start in range(0, clip.num_labelled, _ROWS_AT_ONCE):
            rows = range(start, min(start + _ROWS_AT_ONCE, clip.num_labelled))
            pairs = {name: _pairs_of(clip, rows, self._windows, name) for name in flows}
            places = sorted(_places_of(clip, rows, self._windows))
            frames = dict(zip(places, self._read_input(store, clip, places)))
            new = [place for place in places if place not in maps]
            if new:
                predicted = predict_maps(np.stack([frames[place] for place in new]))
                maps.update(zip(new, predicted.astype(np.float16)))
                images.update((place, _reduce(frames[place], predicted.shape[1:3])) for place in new)
            grey = {place: np.rint(frames[place]).astype(np.uint8) for place in places}
            for name, known in flows.items():
                for target, source in sorted(pairs[name] - known.keys()):
                    flow = estimators[name](grey[target], grey[source])
                    known[target, source] = resize_flow(flow, maps[target].shape[:2]).astype(np.float16)
        return _to_arrays(maps, images, flows)

    def _read_input(self, store, clip, places):
        """Returns float32 [P, H, W, 3], frames as the net sees them."""
        stored = np.stack(store.read(clip, places))
        matrix = store.grid_matrix(clip, stored.shape[1:3])
        return augment.warp_frames(tf.constant(stored)[None], matrix[None], self._input_size_hw)[0].numpy()


def targets_of(clip: Clip, crop: geometry.CropTransform, hidden_weight: float = 1.0) -> np.ndarray:
    """Returns float32 [N, J, 3], (x, y, weight) of the joints of a clip in input px; zeros for unlabelled joints.

    Args:
      clip: the clip.
      crop: the map from its frames to the input.
      hidden_weight: factor on the weight of joints that are hidden but labelled.
    """
    labelled = clip.visibility > 0
    weight = clip.weights * np.where(clip.visibility == HIDDEN, hidden_weight, 1.0)
    points = np.where(labelled[..., None], crop.to_input(clip.joints), 0.0)
    return np.concatenate([points, (weight * labelled)[..., None]], -1).astype(np.float32)


def sides_of(valid: np.ndarray) -> list[list[int]]:
    """Returns the places of a window's neighbours from the middle outwards, up to the first that does not exist.

    Args:
      valid: bool [T].

    Returns:
      The places before the middle, and those after it.
    """
    middle = len(valid) // 2
    sides = []
    for direction in (-1, 1):
        side = []
        for step in range(1, middle + 1):
            if not valid[middle + direction * step]:
                break
            side.append(middle + direction * step)
        sides.append(side)
    return sides


def _places_of(clip: Clip, rows: Collection[int], windows: Sequence[Window]) -> set[int]:
    return {place for window in windows for row in rows for place in clip.window(row, window.offsets)[0]}


def _pairs_of(clip, rows, windows, flow):
    """The (target, source) pairs of frames whose flow the windows of some rows are composed of."""
    pairs = set()
    for window in [w for w in windows if w.flow == flow]:
        for row in rows:
            places, valid = clip.window(row, window.offsets)
            for side in sides_of(valid):
                inner = [len(valid) // 2, *side]
                pairs.update((places[a], places[b]) for a, b in zip(inner, side))
    return pairs


def _reduce(frame, size_hw):
    return cv2.resize(np.rint(frame).astype(np.uint8), size_hw[::-1], interpolation=cv2.INTER_AREA)


def _to_arrays(maps, images, flows):
    positions = sorted(maps)
    arrays = {
        "positions": np.array(positions, np.int64),
        "maps": np.stack([maps[p] for p in positions]),
        "images": np.stack([images[p] for p in positions]),
    }
    for name, known in flows.items():
        pairs = sorted(known)
        arrays[f"pairs_{name}"] = np.array(pairs, np.int64).reshape(-1, 2)
        if pairs:
            arrays[f"flows_{name}"] = np.stack([known[pair] for pair in pairs])
    return arrays
