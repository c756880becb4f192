"""The cells of `benchmarks.pooling_ablation`: what each pooling, of each window and flow, predicts on the test clips.

A cell that is finished has a file of predictions, and of the pooling's weights where it has any, and is not made again.
"""

from __future__ import annotations

import hashlib
import os
import time

import numpy as np

from benchmarks.pooling import fit_pooling
from benchmarks.pooling.pooled_maps import NO_FLOW, MapStore, open_clips
from keras_pose import files, geometry
from keras_pose.evaluation import predictions
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.runs import run_directory


class Cells:
    """The cells around one net, in a folder.

    Args:
      folder: str, made where it is missing.
      net: `pooling_nets.FrameNet`.
      clips, test_clips: numbers of clips to fit on and to score on.
      reach: neighbours on each side of the largest window.
      fit_steps: see `fit_pooling.fit`.
      echo: function that shows a line of text.

    Raises:
      ValueError: where the folder was begun with other settings.
    """

    def __init__(self, folder, net, clips, test_clips, reach, fit_steps=fit_pooling.STEPS, echo=print):
        self._folder, self._net, self._fit_steps, self._echo = folder, net, fit_steps, echo
        _settle(folder, {
            "net": _digest(run_directory.RunDirectory(net.run_dir).weights),
            "clips": clips,
            "test_clips": test_clips,
            "largest window": reach,
            "fit_steps": fit_steps,
        })  # fmt: skip
        side = net.config.data.signer_size
        self._clips = open_clips("train", clips, reach, side)
        self.test_clips = open_clips("test", test_clips, reach, side)
        config = net.config
        maps_folder = os.path.join(folder, "maps")
        self._store = MapStore(maps_folder, net.maps, config.model.input_size_hw, reach, config.loss.hidden_weight)

    def predict_single(self) -> list:
        """Returns the `ClipPredictions` of the test clips by the single-frame net."""
        path = self._path(NO_FLOW, "none", 0)
        if not os.path.exists(path):
            self._store.fill([self.test_clips], [], self._echo)
            self._finish((NO_FLOW, "none", 0), None, self._store.windows(self.test_clips, NO_FLOW))
        return predictions.load(path, self._net.skeleton)[1]

    def predict_all(self, flows, poolings, sizes) -> dict:
        """Makes all cells.

        Args:
          flows, poolings: names.
          sizes: neighbours on each side.

        Returns:
          dict (flow, pooling, n) -> list of `ClipPredictions` of the test clips.
        """
        cells = [(flow, pooling, n) for flow in flows for pooling in poolings for n in sizes]
        missing = [cell for cell in cells if not os.path.exists(self._path(*cell))]
        needed = list(dict.fromkeys(flow for flow, _, _ in missing))
        if needed:
            self._store.fill([self._clips, self.test_clips], needed, self._echo)
        start, done = time.monotonic(), 0
        for flow in needed:
            of_flow = [cell for cell in missing if cell[0] == flow]
            learned = any(pooling in fit_pooling.LEARNED for _, pooling, _ in of_flow)
            train = self._store.windows(self._clips, flow) if learned else None
            test = self._store.windows(self.test_clips, flow)
            for cell in of_flow:
                self._finish(cell, train, test)
                done += 1
                left_min = (time.monotonic() - start) / done * (len(missing) - done) / 60
                self._echo(f"{', '.join(map(str, cell))}: {done} of {len(missing)} poolings, {left_min:.1f} min left")
        return {cell: predictions.load(self._path(*cell), self._net.skeleton)[1] for cell in cells}

    def weights(self, flow, pooling, n) -> np.ndarray:
        """Returns the fitted weight of each frame and joint of a finished cell, float32 [T, J].

        Raises:
          ValueError: for a cell that is not there or has no weights.
        """
        path = self._path(flow, pooling, n, "weights")
        if not os.path.exists(path):
            raise ValueError(f"expected the weights of {pooling} pooling, n = {n}, flow {flow}; it was not fitted")
        with np.load(path) as archive:
            return archive["weights"]

    def _finish(self, cell, train, test):
        flow, pooling, n = cell
        test = test.narrowed(n)
        model = fit_pooling.build_pooling(pooling, test)
        if pooling in fit_pooling.LEARNED:
            fit_pooling.fit(model, train.narrowed(n), self._net.config, self._fit_steps)
            with files.replace_atomically(self._path(*cell, "weights")) as temporary:
                np.savez(temporary, weights=model.get_layer("heatmaps").frame_weights())
        found = fit_pooling.predict(model, test, self._net.config.model.input_size_hw)
        predictions.save(self._path(*cell), self._net.skeleton, in_clips(self.test_clips, *found, self._net.config))

    def _path(self, flow, pooling, n, kind="predictions"):
        return os.path.join(self._folder, kind, f"{flow}-{pooling}-{n}.npz")


def in_clips(clips, joints, scores, config) -> list:
    """Returns `ClipPredictions` of joints float32 [N, J, 2] in input px of the labelled frames of clips, in order."""
    found, start = [], 0
    for clip in clips:
        rows = slice(start, start + clip.num_labelled)
        start += clip.num_labelled
        crop = geometry.CropTransform.fit(clip.frames.size_hw, config.model.input_size_hw)
        found.append(
            ClipPredictions(
                clip.name,
                clip.labelled,
                crop.to_frame(joints[rows]),
                scores[rows],
                clip.joints,
                clip.visibility,
                clip.frames.size_hw,
            )
        )
    return found


def _settle(folder, settings):
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


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:16]
