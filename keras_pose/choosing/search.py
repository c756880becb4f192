"""Predicts unseen frames by each candidate, kind by kind and window by window. Each result is kept on disk.

Poolings without weights cost little and are tried with each window and each flow. Those that learn are tried with the
run's own window and flow; the best of them then without flow, and with the better flow in each other window. They
predict out of fold: the groups are divided into `FOLDS` parts, and each part is predicted by weights that were fitted
to the others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import numpy as np

from keras_pose import files
from keras_pose.choosing import fitting, windows
from keras_pose.choosing.candidates import Candidate, Window
from keras_pose.choosing.clip_maps import MapStore, targets_of
from keras_pose.choosing.nets import FITTED
from keras_pose.choosing.unseen import Part, fold_groups
from keras_pose.choosing.windows import Windows
from keras_pose.geometry import HEATMAP_STRIDE, CropTransform
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.runs.parts import LossConfig

FOLDS = 3
_SEED = 0


class Predictions:
    """The predictions of candidates on unseen frames.

    Args:
      folder: folder to keep them in.
      parts: the clips and their nets, all with maps in the store.
      store: the maps.
      list_windows: the windows to choose from.
      input_size_hw: (height, width) of the net's input in px.
      loss: what the net trains towards.
      make_loss: makes the loss of a pooling.

    Attributes:
      clips: the clips of all parts, in order.
      targets: float32 [N, J, 3], (x, y, weight) of their joints in input px.
      groups: N names.
      found: {name: float32 [N, J, 2]}, what was predicted so far, in input px.
      linear: {name: whether the pooling of a candidate is a weighted sum}.
    """

    def __init__(
        self,
        folder: str,
        parts: Sequence[Part],
        store: MapStore,
        list_windows: Sequence[Window],
        input_size_hw: tuple[int, int],
        loss: LossConfig,
        make_loss: fitting.MakeLoss,
    ) -> None:
        self._folder = folder
        self._store = store
        self._list = list(list_windows)
        self._loss = loss
        self._make_loss = make_loss
        self._places = [(f"part{p}", c, clip) for p, part in enumerate(parts) for c, clip in enumerate(part.clips)]
        self.clips = [clip for _, _, clip in self._places]
        crops = [CropTransform.fit(clip.frames.size_hw, input_size_hw, clip.region) for clip in self.clips]
        each = [targets_of(clip, crop, loss.hidden_weight) for clip, crop in zip(self.clips, crops)]
        self._targets = each
        self.targets = np.concatenate(each)
        self.groups = tuple(clip.group for clip in self.clips for _ in range(clip.num_labelled))
        self._input_size_hw = input_size_hw
        self._open: tuple[Window, Windows] | None = None
        self.found: dict[str, np.ndarray] = {}
        self.linear: dict[str, bool] = {}

    def predict_single(self) -> np.ndarray:
        """Returns float32 [N, J, 2], what the single frame says, in input px."""
        return self._keep("single", lambda: fitting.predict_single(self._windows(self._list[0]), self._stride()))

    def predict(self, candidate: Candidate) -> np.ndarray:
        """Returns float32 [N, J, 2], what a candidate says, in input px; out of fold if it learns."""
        self.linear[candidate.name] = self._is_linear(candidate)
        self.found[candidate.name] = self._keep(candidate.name, lambda: self._predict(candidate))
        return self.found[candidate.name]

    def fit_all(self, candidate: Candidate) -> list[np.ndarray]:
        """Returns the weights of a candidate, fitted to all groups."""
        path = os.path.join(self._folder, FITTED)
        if not os.path.exists(path):
            of_window = self._windows(candidate.window)
            layer = fitting.build(candidate.pooling, of_window, self._loss.sigma_px)
            fitting.fit(layer, of_window, set(self.groups), self._make_loss, _SEED)
            files.write_arrays(path, {f"weight_{i}": value for i, value in enumerate(layer.get_weights())})
        arrays = files.read_arrays(path, "weights of a pooling")
        return [arrays[f"weight_{i}"] for i in range(len(arrays))]

    def _predict(self, candidate):
        of_window = self._windows(candidate.window)
        layer = fitting.build(candidate.pooling, of_window, self._loss.sigma_px)
        everyone = np.arange(len(self.groups))
        if not layer.learns:
            return fitting.predict(layer, of_window, everyone, self._stride())
        joints = np.zeros((*self.targets.shape[:2], 2), np.float32)
        for fold in fold_groups(self.groups, FOLDS):
            layer = fitting.build(candidate.pooling, of_window, self._loss.sigma_px)
            fitting.fit(layer, of_window, set(self.groups) - fold, self._make_loss, _SEED)
            rows = of_window.rows_of(fold)
            joints[rows] = fitting.predict(layer, of_window, rows, self._stride())
        return joints

    def _windows(self, window: Window) -> Windows:
        """Returns the windows of all clips; those of the last call are kept."""
        if self._open is None or self._open[0] != window:
            self._open = None  # free the memory first
            each = [
                windows.of_clip(clip, self._store.read(prefix, number, window.flow), targets, window)
                for (prefix, number, clip), targets in zip(self._places, self._targets)
            ]
            self._open = window, windows.concatenate(each)
        return self._open[1]

    def _is_linear(self, candidate):
        num_frames = len(candidate.window.offsets)
        num_joints = self.targets.shape[1]
        size_hw = [side // HEATMAP_STRIDE for side in self._input_size_hw]
        layer = TemporalPooling(candidate.pooling)
        layer.build([(None, num_frames, *size_hw, num_joints), (None, num_frames), (None, num_frames, *size_hw)])
        return layer.linear_weights(num_frames, num_joints) is not None

    def _stride(self):
        return self._input_size_hw[0] / self._open[1].maps.shape[2]

    def _keep(self, name, compute):
        path = os.path.join(self._folder, f"{name}.npz")
        if not os.path.exists(path):
            files.write_arrays(path, {"joints": compute()})
        return files.read_arrays(path, "predictions of a candidate")["joints"]


def search(
    predictions: Predictions,
    poolings: Sequence[tuple[str, bool]],
    list_windows: Sequence[Window],
    score: Callable[[str], float],
    tell: Callable[[str], None],
) -> list[Candidate]:
    """Predicts the frames by all candidates that are tried.

    Args:
      predictions: where to predict.
      poolings: (name, whether it learns).
      list_windows: the windows, the run's own first.
      score: function of the name of a candidate to its figure, higher is better.
      tell: function that shows how far the search is.

    Returns:
      The candidates, in the order in which they were tried.
    """
    tried: list[Candidate] = []

    def attempt(candidate):
        if candidate not in tried:
            predictions.predict(candidate)
            tried.append(candidate)
        return score(candidate.name)

    fixed = [name for name, learns in poolings if not learns]
    learned = [name for name, learns in poolings if learns]
    own = list_windows[0]
    for window in list_windows:
        for name in fixed:
            attempt(Candidate(name, window))
    if fixed:
        tell(f"tried {', '.join(fixed)} with {len(list_windows)} windows")
    if not learned:
        return tried
    for name in learned:
        attempt(Candidate(name, own))
    best = max(learned, key=lambda name: score(Candidate(name, own).name))
    tell(f"fitted {', '.join(learned)}; {best} is the best of them")
    same = [window for window in list_windows if window.size == own.size]
    flow = max(same, key=lambda window: attempt(Candidate(best, window))).flow
    for window in [w for w in list_windows if w.flow == flow]:
        attempt(Candidate(best, window))
    tell(f"fitted {best} with other windows")
    return tried
