"""The cells of `pooling_ablation`: the predictions of each pooling on the test clips, for each window and flow.

A finished cell has a file of predictions, and one of the pooling's weights if it has any. It is not computed again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.pooling import fit_pooling
from benchmarks.pooling.map_store import MapStore
from benchmarks.pooling.nets import FrameNet
from benchmarks.pooling.warped_windows import NO_FLOW, WarpedWindows, open_clips
from keras_pose import files, geometry
from keras_pose.data.clip import Clip
from keras_pose.evaluation import predictions
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.runs.config import TrainConfig

Cell = tuple  # (flow, pooling, n): two names and the neighbours on each side


class Cells:
    """The cells around one net, in a folder.

    Args:
      folder: where to keep them; created if it does not exist.
      net: the single-frame net.
      clips, test_clips: numbers of clips to fit on and to score on.
      reach: neighbours on each side of the largest window.
      fit_steps: see `fit_pooling.fit`.
      echo: function that shows a line of text.

    Raises:
      ValueError: if the folder was begun with other settings.
    """

    def __init__(
        self,
        folder: str,
        net: FrameNet,
        clips: int,
        test_clips: int,
        reach: int,
        fit_steps: int = fit_pooling.STEPS,
        echo: Callable[[str], None] = print,
    ) -> None:
        self._folder = folder
        self._net = net
        self._fit_steps = fit_steps
        self._echo = echo
        settings = {
            "net": net.digest(),
            "clips": clips,
            "test_clips": test_clips,
            "largest window": reach,
            "fit_steps": fit_steps,
        }
        check_settings(folder, settings)
        size_px = net.config.data.signer_size
        self._clips = open_clips("train", clips, reach, size_px)
        self.test_clips = open_clips("test", test_clips, reach, size_px)
        self._store = MapStore(
            os.path.join(folder, "maps"),
            net.predict_maps,
            net.config.model.input_size_hw,
            reach,
            net.config.loss.hidden_weight,
        )

    def predict_single(self) -> list[ClipPredictions]:
        """Returns the predictions of the single-frame net on the test clips."""
        path = self._path(NO_FLOW, "none", 0)
        if not os.path.exists(path):
            self._store.fill([self.test_clips], [], self._echo)
            self._finish((NO_FLOW, "none", 0), None, self._store.read_windows(self.test_clips, NO_FLOW))
        return predictions.load(path, self._net.skeleton)[1]

    def predict_all(
        self, flows: Sequence[str], poolings: Sequence[str], sizes: Sequence[int]
    ) -> dict[Cell, list[ClipPredictions]]:
        """Computes all cells that are missing.

        Args:
          flows, poolings: names.
          sizes: neighbours on each side.

        Returns:
          Predictions on the test clips, by (flow, pooling, n).
        """
        cells = [(flow, pooling, n) for flow in flows for pooling in poolings for n in sizes]
        missing = [cell for cell in cells if not os.path.exists(self._path(*cell))]
        missing_flows = list(dict.fromkeys(flow for flow, _, _ in missing))
        if missing_flows:
            self._store.fill([self._clips, self.test_clips], missing_flows, self._echo)
        start = time.monotonic()
        done = 0
        for flow in missing_flows:
            of_flow = [cell for cell in missing if cell[0] == flow]
            learned = any(pooling in fit_pooling.LEARNED for _, pooling, _ in of_flow)
            train = self._store.read_windows(self._clips, flow) if learned else None
            test = self._store.read_windows(self.test_clips, flow)
            for cell in of_flow:
                self._finish(cell, train, test)
                done += 1
                left_min = (time.monotonic() - start) / done * (len(missing) - done) / 60
                self._echo(f"{', '.join(map(str, cell))}: {done} of {len(missing)} poolings, {left_min:.1f} min left")
        return {cell: predictions.load(self._path(*cell), self._net.skeleton)[1] for cell in cells}

    def read_fitted(self, flow: str) -> tuple[WarpedWindows, list[Clip]]:
        """Returns the windows that poolings are fitted on, warped by a flow, and their clips."""
        self._store.fill([self._clips], [flow], self._echo)
        return self._store.read_windows(self._clips, flow), self._clips

    def read_weights(self, flow: str, pooling: str, n: int) -> np.ndarray:
        """Returns the fitted weight of each frame and joint of a finished cell, float32 [T, J].

        Raises:
          ValueError: if the cell does not exist or has no weights.
        """
        path = self._path(flow, pooling, n, "weights")
        if not os.path.exists(path):
            raise ValueError(f"expected the weights of {pooling} pooling, n = {n}, flow {flow}; it was not fitted")
        with np.load(path) as archive:
            return archive["weights"]

    def _finish(self, cell, train, test):
        flow, pooling, n = cell
        test = test.narrow(n)
        model = fit_pooling.build_pooling(pooling, test, self._net.config.loss.sigma_px)
        if pooling in fit_pooling.LEARNED:
            fit_pooling.fit(model, train.narrow(n), self._net.config, self._fit_steps)
            layer = model.get_layer("heatmaps")
            if layer.weighs_frames:
                files.write_arrays(self._path(*cell, "weights"), {"weights": layer.frame_weights()})
        joints, scores = fit_pooling.predict(model, test, self._net.config.model.input_size_hw)
        found = split_by_clip(self.test_clips, joints, scores, self._net.config)
        predictions.save(self._path(*cell), self._net.skeleton, found)

    def _path(self, flow, pooling, n, kind="predictions"):
        return os.path.join(self._folder, kind, f"{flow}-{pooling}-{n}.npz")


def split_by_clip(
    clips: Sequence[Clip], joints: np.ndarray, scores: np.ndarray, config: TrainConfig
) -> list[ClipPredictions]:
    """Returns the predictions of each clip, in px of its frames.

    Args:
      clips: clips with N labelled frames in all.
      joints: float32 [N, J, 2], (x, y) in input px, in the order of the clips and their labelled frames.
      scores: float32 [N, J].
      config: configuration of the net that predicted them.
    """
    found = []
    start = 0
    for clip in clips:
        rows = slice(start, start + clip.num_labelled)
        start += clip.num_labelled
        crop = geometry.CropTransform.fit(clip.frames.size_hw, config.model.input_size_hw)
        found.append(ClipPredictions.of_clip(clip, crop.to_frame(joints[rows]), scores[rows]))
    return found


def check_settings(folder: str, settings: Mapping[str, Any]) -> None:
    """Writes the settings to a new folder.

    Raises:
      ValueError: if the folder was begun with others; the message lists them.
    """
    path = os.path.join(folder, "settings.json")
    if not os.path.exists(path):
        files.write_json(path, settings)
    stored = files.read_json(path)
    changed = [
        f"{name} {stored.get(name)} there, {settings[name]} now"
        for name in settings
        if stored.get(name) != settings[name]
    ]
    if changed:
        raise ValueError(f"--work_dir: {folder} was begun with other settings ({'; '.join(changed)}); choose another")
