"""Chooses the temporal layer of a run, and writes why (`temporal_choice.json`)."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_pose import files, options
from keras_pose.choosing import candidates, record, unseen
from keras_pose.choosing.candidates import SINGLE_FRAME, Window
from keras_pose.choosing.clip_maps import MapStore, PredictMaps
from keras_pose.choosing.comparison import SINGLE, Comparison
from keras_pose.choosing.fitting import MakeLoss
from keras_pose.choosing.mean_figure import MeanFigure
from keras_pose.choosing.nets import FOLDER, open_maps
from keras_pose.choosing.search import Predictions, search
from keras_pose.choosing.unseen import MIN_GROUPS, Part
from keras_pose.data.clip import Clip
from keras_pose.data.selection import DataSplit
from keras_pose.flow import estimators
from keras_pose.geometry import HEATMAP_STRIDE
from keras_pose.media.file_digests import digest_file
from keras_pose.pooling.reach import reach_of
from keras_pose.runs import data_digest, run_directory, temporal_choice
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton

_WINDOW_BYTES = 1 << 30  # of the windows in memory, at most
# Trains a net on some clips; returns the folder of its run. Arguments: number of the fold, clips to train on.
TrainFold = Callable[[int, Sequence[Clip]], str]


@dataclasses.dataclass(frozen=True)
class Choosing:
    """What a choice needs; `choose` makes it.

    Args:
      run_dir: folder of the run.
      config: configuration of the run, with --pooling=auto.
      split: its clips.
      skeleton: the joints.
      start: folder of the run whose net is the single-frame net.
      make_loss: makes the loss of a pooling.
      train_fold: trains the net of a fold; None: there is no cross-fitting.
      echo: function that shows a line of text.
      open_maps: function of the folder of a run to what makes maps of frames, `nets.open_maps`.
    """

    run_dir: str
    config: TrainConfig
    split: DataSplit
    skeleton: Skeleton
    start: str
    make_loss: MakeLoss
    train_fold: TrainFold | None
    echo: Callable[[str], None]
    open_maps: Callable[[str], PredictMaps] = open_maps

    def choose(self) -> dict[str, Any]:
        """Chooses, unless this run has chosen already from the same net and data; returns the contents of the file.

        Raises:
          ValueError: if a frame cannot be read, or `--choice_windows` cannot be.
        """
        settings = self._settings()
        known = temporal_choice.read(self.run_dir)
        if known is not None and known.get("settings") == settings:
            return known
        folder = _open_folder(os.path.join(self.run_dir, FOLDER), settings)
        parts = self._unseen_parts()
        enough = record.count_groups(parts) >= MIN_GROUPS
        choice = self._compare(folder, parts, settings) if enough else record.too_few(parts, settings, self._advice())
        files.write_json(temporal_choice.path_in(self.run_dir), choice)
        shutil.rmtree(os.path.join(folder, "maps"), ignore_errors=True)
        return files.read_json(temporal_choice.path_in(self.run_dir))

    def _advice(self):
        """What gives more unseen groups, if anything does."""
        phases = self.config.phases
        if phases.net_steps or phases.choice_fold_steps or len(unseen.groups_of(self.split.train)) < MIN_GROUPS:
            return ""
        part = -(-2 * run_directory.open_run(self.start)[1].optimisation.steps // 3)
        return (
            f"; --choice_fold_steps={part}, two thirds of the steps of --init_from, trains {phases.choice_folds} nets "
            "that each leave out a part of the training groups, to choose by"
        )

    def _unseen_parts(self) -> list[Part]:
        """Returns the clips to choose by, each with a net that has not trained on its group."""
        phases = self.config.phases
        find = unseen.unseen_of_frame_net if phases.net_steps else unseen.unseen_of_start
        parts = find(self.start, self.split)
        known = {clip.group for part in parts for clip in part.clips}
        groups = unseen.groups_to_fold(known, self.split, phases)
        if self.train_fold is None or not groups:
            return parts
        self.echo(
            f"{len(known)} unseen groups are fewer than --choice_groups={phases.choice_groups}: nets of "
            f"{min(phases.choice_folds, len(groups))} folds give maps of the training groups"
        )
        for number, fold in enumerate(unseen.fold_groups(groups, phases.choice_folds)):
            held_out = unseen.with_neighbours([clip for clip in self.split.train if clip.group in fold])
            net = self.train_fold(number, [clip for clip in self.split.train if clip.group not in fold])
            parts.append(Part(net, tuple(held_out), unseen.name_fold(number)))
        return parts

    def _compare(self, folder, parts, settings):
        windows = self._list_windows(parts)
        parts = unseen.thin_out(parts, self._most_frames(windows))
        input_size_hw = self.config.model.input_size_hw
        store = MapStore(os.path.join(folder, "maps"), input_size_hw, windows, self._open_flow)
        frames = sum(clip.num_labelled for part in parts for clip in part.clips)
        self.echo(
            f"choosing the pooling on {frames} frames of {record.count_groups(parts)} groups that the net has not seen"
        )
        for number, part in enumerate(parts):
            store.fill(part.clips, f"part{number}", self.open_maps(part.net))
        predictions = Predictions(folder, parts, store, windows, input_size_hw, self.config.loss, self.make_loss)
        single = predictions.predict_single()
        mean_figure = MeanFigure(predictions, max(input_size_hw))
        note = record.note_weak_folds(parts, mean_figure.of_parts(single, parts))
        if note:
            self.echo(f"note: {note}")
        poolings = candidates.list_poolings(self.config.phases.choice_poolings)
        tried = search(predictions, poolings, windows, mean_figure, self.echo)
        comparison = Comparison(
            predictions.clips, predictions.targets, self.skeleton, input_size_hw, {SINGLE: single, **predictions.found}
        )
        costs = {c.name: self._cost_of(c, predictions.linear[c.name]) for c in tried}
        chosen, found = record.of_comparison(comparison, tried, costs, parts, settings)
        if chosen is not SINGLE_FRAME:
            predictions.fit_all(chosen)
        return {**found, "note": note}

    def _list_windows(self, parts) -> list[Window]:
        """The windows that the clips and their shards are long enough for; the run's own is always among them."""
        listed = candidates.windows_of(self.config)
        clips = [clip for part in parts for clip in part.clips]
        sizes = {window.size: window for window in listed}
        short = [size for size, window in sizes.items() if size != listed[0].size and not _fits(clips, window)]
        if short:
            self.echo(f"clips are too short for the windows {', '.join(short)}")
        return [window for window in listed if window.size not in short]

    def _most_frames(self, windows):
        height, width = (side // HEATMAP_STRIDE for side in self.config.model.input_size_hw)
        longest = max(len(window.offsets) for window in windows)
        each = longest * height * width * (self.skeleton.num_joints + 1) * 2
        return max(1, min(self.config.phases.choice_frames, _WINDOW_BYTES // each))

    def _cost_of(self, candidate, is_linear):
        return candidates.cost_of(candidate, is_linear, self._estimator(candidate.window.flow))

    def _open_flow(self, name):
        return estimators.open_estimator(self._estimator(name))

    def _estimator(self, flow):
        window = dataclasses.replace(self.config.window, flow=flow)
        return window.flow_estimator(self.config.model.input_size_hw)

    def _settings(self):
        """What the choice depends on, as a digest."""
        values = options.values(self.config)
        names = ("window", "window_seconds", "frame_stride", "frame_rate", "flow", "input_size", "sigma_px")
        phases = {name: value for name, value in values.items() if name.startswith("choice_")}
        digests = data_digest.describe({"train": self.split.train, "validation": self.split.validation})
        described = {
            "flags": {**{name: values[name] for name in (*names, "hidden_weight", "net_steps")}, **phases},
            "net": digest_file(run_directory.open_run(self.start)[0].weights),
            "data": digests,
        }
        return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:16]


def _open_folder(folder, settings):
    """Returns the folder of what is computed, emptied if it is of other settings."""
    path = os.path.join(folder, "settings.json")
    if os.path.exists(path) and files.read_json(path) != settings:
        shutil.rmtree(folder)
    if not os.path.exists(path):
        shutil.rmtree(folder, ignore_errors=True)
        files.write_json(path, settings)
    return folder


def _fits(clips, window):
    """Whether shards hold the frames of a window, and at least half of its frames exist."""
    for clip in clips:
        stored = getattr(clip.frames, "stored_neighbours", None)
        if stored is not None and stored < reach_of(window.offsets, clip.frame_rate):
            return False
    shares = [clip.window(row, window.offsets)[1].mean() for clip in clips for row in range(clip.num_labelled)]
    return float(np.mean(shares)) >= 0.5
