"""The cells of `benchmarks.temporal`: what each temporal kind, window and flow predicts on the same frames.

Poolings that learn are fitted on clips of other groups than those that they are scored on. A finished cell has a file
of predictions and is not computed again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.pooling import fit_pooling, position_baselines
from benchmarks.pooling.cells import check_settings, split_by_clip
from benchmarks.pooling.map_store import MapStore
from benchmarks.pooling.movenet_maps import MoveNetMaps
from benchmarks.pooling.nets import FrameNet
from benchmarks.pooling.temporal_data import TemporalData, make_folds
from benchmarks.pooling.warped_windows import NO_FLOW, WarpedWindows
from keras_pose.data.clip import Clip
from keras_pose.evaluation import predictions
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.heatmaps import HeatmapCodec
from keras_pose.pooling.kinds import KINDS

SINGLE = "single frame"
MEDIAN = "median of 3 positions"
QUADRATIC = "robust quadratic, 11 frames"
BASELINES = (SINGLE, MEDIAN, QUADRATIC)
OFFSET = "single frame, median offset of the films to fit on"
_BASELINE_REACH = 5


class Cell(NamedTuple):
    """A pooling by its flow, its kind, its neighbours on each side and the frames from one to the next."""

    flow: str
    kind: str
    neighbours: int
    stride: int


class TemporalCells:
    """The cells around one net on some data, in a folder.

    Args:
      folder: where to keep them; created if it does not exist.
      net: source of heatmaps of single frames.
      data: the clips.
      neighbours: neighbours on each side of the largest window.
      strides: frames from one neighbour to the next, of all windows.
      folds: number of folds over groups if there are no clips to fit on alone.
      fit_steps: see `fit_pooling.fit`; 0: poolings that learn stay as they begin.
      echo: function that shows a line of text.

    Raises:
      ValueError: if the folder was begun with other settings.
    """

    def __init__(
        self,
        folder: str,
        net: FrameNet | MoveNetMaps,
        data: TemporalData,
        neighbours: int,
        strides: Sequence[int] = (1,),
        folds: int = 5,
        fit_steps: int = fit_pooling.STEPS,
        echo: Callable[[str], None] = print,
    ) -> None:
        self._folder = folder
        self._net = net
        self._data = data
        self._reach = neighbours
        self._strides = tuple(strides)
        self._folds = folds
        self._fit_steps = fit_steps
        self._echo = echo
        settings = {
            "net": net.digest(),
            "scored": [f"{clip.name}:{clip.num_labelled}" for clip in data.scored],
            "fitted": [f"{clip.name}:{clip.num_labelled}" for clip in data.fitted],
            "largest window": neighbours,
            "strides": list(strides),
            "folds": folds,
        }
        check_settings(folder, settings)

    def predict_baselines(self) -> dict[str, list[ClipPredictions]]:
        """Returns the predictions of `BASELINES`, which pool no maps."""
        if not os.path.exists(self._path(QUADRATIC)):
            store = self._store(1)
            store.fill([self._data.scored], [], self._echo)
            self._save_baselines(store)
        return {name: self._load(name) for name in BASELINES}

    def predict_offset(self) -> dict[str, list[ClipPredictions]]:
        """Returns the predictions of `OFFSET`, which is fitted on the same clips as poolings are, but pools nothing."""
        if not os.path.exists(self._path(OFFSET)):
            store = self._store(1)
            store.fill([self._data.scored, self._data.fitted], [], self._echo)
            self._save_offset(store)
        return {OFFSET: self._load(OFFSET)}

    def predict(self, cells: Sequence[Cell]) -> dict[Cell, list[ClipPredictions]]:
        """Computes the cells that are missing; returns the predictions of all."""
        missing = [cell for cell in cells if not os.path.exists(self._path(cell))]
        for stride in dict.fromkeys(cell.stride for cell in missing):
            store = self._store(stride)
            of_stride = [cell for cell in missing if cell.stride == stride]
            for flow in dict.fromkeys(cell.flow for cell in of_stride):
                of_flow = [cell for cell in of_stride if cell.flow == flow]
                learns = self._fit_steps and any(KINDS[cell.kind].learns for cell in of_flow)
                others = self._data.fitted if learns else []
                store.fill([self._data.scored, others], [flow], self._echo)
                test = store.read_windows(self._data.scored, flow)
                train = store.read_windows(others, flow) if others else None
                for cell in of_flow:
                    self._finish(cell, train, test)
                    self._echo(f"{', '.join(map(str, cell))} is done")
        return {cell: self._load(cell) for cell in cells}

    def read_fitted(self, flow: str) -> tuple[WarpedWindows, list[Clip]]:
        """Returns the windows that poolings are fitted on, warped by a flow, and their clips: first stride only."""
        clips = self._data.fitted or self._data.scored
        store = self._store(self._strides[0])
        store.fill([clips], [flow], self._echo)
        return store.read_windows(clips, flow), clips

    @property
    def test_clips(self) -> list[Clip]:
        """The clips that are scored."""
        return self._data.scored

    def _finish(self, cell, train, test):
        test = test.narrow(cell.neighbours)
        parts = [(train.narrow(cell.neighbours) if train else None, np.arange(len(test.maps)))]
        if KINDS[cell.kind].learns and self._fit_steps and train is None:
            fold_of = self._find_folds()
            parts = [(test.select(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(self._folds)]
        joints = np.zeros((*test.targets.shape[:2], 2), np.float32)
        scores = np.zeros(test.targets.shape[:2], np.float32)
        for fitted_on, rows in parts:
            joints[rows], scores[rows] = self._fit_and_predict(cell.kind, fitted_on, test.select(rows))
        self._save(cell, split_by_clip(self._data.scored, joints, scores, self._net.config))

    def _fit_and_predict(self, kind, fitted_on: WarpedWindows | None, windows: WarpedWindows):
        model = fit_pooling.build_pooling(kind, windows, self._net.config.loss.sigma_px)
        if KINDS[kind].learns and self._fit_steps and fitted_on is not None:
            fit_pooling.fit(model, fitted_on, self._net.config, self._fit_steps)
        return fit_pooling.predict(model, windows, self._net.config.model.input_size_hw)

    def _find_folds(self):
        """Returns int [N], the fold of each scored frame."""
        groups = [clip.group for clip in self._data.scored for _ in range(clip.num_labelled)]
        return make_folds(groups, self._folds)

    def _save_offset(self, store):
        scored, labels, heights = self._decode_labelled(store, self._data.scored)
        if self._data.fitted:
            moved = scored + position_baselines.median_offset(*self._decode_labelled(store, self._data.fitted)[:2])
        else:
            fold_of = self._find_folds()
            moved = np.array(scored)
            for fold in range(self._folds):
                others = fold_of != fold
                moved[~others] += position_baselines.median_offset(scored[others], labels[others])
        found = split_by_clip(self._data.scored, moved.astype(np.float32), heights, self._net.config)
        self._save(OFFSET, found)

    def _decode_labelled(self, store, clips):
        """Returns the positions [N, J, 2], labels [N, J, 3] and heights [N, J] of all labelled frames, in input px."""
        maps, labels = (np.concatenate(parts) for parts in zip(*(store.read_labelled(clip) for clip in clips)))
        stride = self._net.config.model.input_size_hw[0] / maps.shape[1]
        points, heights = HeatmapCodec(stride).decode(maps.astype(np.float32))
        return np.asarray(points), labels, np.asarray(heights)

    def _save_baselines(self, store):
        size_hw = self._net.config.model.input_size_hw
        found: dict[str, list[np.ndarray]] = {name: [] for name in BASELINES}
        heights = []
        offsets = np.arange(-_BASELINE_REACH, _BASELINE_REACH + 1)
        for clip in self._data.scored:
            positions, maps = store.read_maps(clip)
            stride = size_hw[0] / maps.shape[1]
            points, scores = (np.asarray(a) for a in HeatmapCodec(stride).decode(maps.astype(np.float32)))
            windows = [clip.window(row, offsets) for row in range(clip.num_labelled)]
            rows = np.searchsorted(positions, [places for places, _ in windows])
            valid = np.array([exists for _, exists in windows])
            window = points[rows]
            found[SINGLE].append(window[:, _BASELINE_REACH])
            found[MEDIAN].append(position_baselines.median_of_three(window, valid))
            found[QUADRATIC].append(position_baselines.robust_quadratic(window, valid, stride))
            heights.append(scores[rows[:, _BASELINE_REACH]])
        for name, joints in found.items():
            whole = np.concatenate(joints).astype(np.float32)
            self._save(name, split_by_clip(self._data.scored, whole, np.concatenate(heights), self._net.config))

    def _store(self, stride):
        config = self._net.config
        joints = self._data.joints

        def run_net(frames):
            return self._net.predict_maps(frames)[..., joints]

        folder = os.path.join(self._folder, "maps")
        size_hw = config.model.input_size_hw
        # The files of maps are the same for all windows.
        all_frames = {s * n for s in self._strides for n in range(-self._reach, self._reach + 1)}
        all_frames |= set(range(-_BASELINE_REACH, _BASELINE_REACH + 1))
        weight = config.loss.hidden_weight
        return MapStore(folder, run_net, size_hw, self._reach, weight, stride, self._data.points, sorted(all_frames))

    def _save(self, cell, found):
        predictions.save(self._path(cell), self._data.skeleton, found)

    def _load(self, cell):
        return predictions.load(self._path(cell), self._data.skeleton)[1]

    def _path(self, cell):
        if isinstance(cell, str):
            name = cell.replace(" ", "_").replace(",", "")
        else:
            name = "-".join(map(str, cell)) + (f"-{self._fit_steps}" if KINDS[cell.kind].learns else "")
        return os.path.join(self._folder, "predictions", f"{name}.npz")


def list_cells(
    flows: Sequence[str], kinds: Sequence[str], neighbours: Sequence[int], strides: Sequence[int]
) -> list[Cell]:
    """Returns all cells, those without flow first, and no kind that reads no neighbours: that is the single frame."""
    ordered = sorted(flows, key=lambda flow: flow != NO_FLOW)
    return [
        Cell(flow, kind, n, stride)
        for flow in ordered
        for kind in kinds
        if KINDS[kind].reads_neighbours
        for stride in strides
        for n in neighbours
    ]
