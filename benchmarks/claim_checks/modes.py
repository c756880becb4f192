"""The claim about multiple modes: maps hold several answers early in training, and fewer late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.claim_checks import contrasts, findings
from benchmarks.claim_checks.findings import BELOW, Finding
from benchmarks.claim_checks.given import open_tests
from benchmarks.claim_checks.nets import HEATMAP
from benchmarks.claim_checks.study import Study, mean
from benchmarks.common.trainings import Training
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.runs import snapshots, trained
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.showing import mode_history
from keras_pose.showing.shown_net import ShownNet

_MAX_MODES = 4
_LEAST_HEIGHT = 0.02  # lower maxima are noise, as `keras-pose show` draws them
_FIRST_PEAK = 0.2  # early: the first kept weights whose peaks are so high, relative to those of the last
_FRAMES = 100


def find_modes(study: Study) -> Iterator[Finding]:
    """Yields the share of maps with several modes late in training less that early, for each data set."""
    for data in study.data_sets.values():
        yield compare_steps(data.name, study.nets.train(data, HEATMAP))
    for given in study.given:
        if not given.has_two_heads:
            continue
        if kept_early(given.training):
            yield compare_steps(given.data.name, [given.training])
        else:
            study.echo(f"note: {given.training.run_dir} kept no weights from early in training")


def kept_early(run: Training) -> bool:
    """Whether a run kept weights from the first tenth of its training."""
    steps = sorted(snapshots.find(RunDirectory(run.run_dir)))
    return bool(steps) and steps[0] <= steps[-1] / 10


def compare_steps(name: str, runs: Sequence[Training]) -> Finding:
    """Returns the finding of one data set.

    Args:
      name: name of the data.
      runs: a heatmap net of each seed.
    """
    columns: dict[str, list[contrasts.Column]] = {"early": [], "late": []}
    steps = []
    for run in runs:
        early, late, at = count_early_and_late(run)
        columns["early"].append(early)
        columns["late"].append(late)
        steps.append(at)
    clips = runs[0].predictions
    found = contrasts.contrast(clips, columns, {"late": 1.0, "early": -1.0})
    shares = [f"{100 * mean(clips, columns, when):.1f} %" for when in columns]
    early_steps, late_steps = (", ".join(str(step) for step in of_runs) for of_runs in zip(*steps))
    note = f"{shares[0]} of the maps at step {early_steps}, {shares[1]} at step {late_steps}"
    return findings.in_points(4, "maps with several modes, late − early", name, found, BELOW, note)


def count_early_and_late(run: Training) -> tuple[list[np.ndarray], list[np.ndarray], tuple[int, int]]:
    """Returns, for the test maps of a run, whether they have several modes, early and late.

    Returns:
      Two columns in the order of the run's predictions (NaN for frames that are left out), and the two steps. Early is
      the first of the kept steps at which maps are no longer nearly empty.
    """
    model, config, skeleton = trained.load_model(run.run_dir)
    shown_net = ShownNet(model, config, skeleton, open_tests(run.run_dir))
    kept = snapshots.find(RunDirectory(run.run_dir))
    steps = sorted(kept)
    late, last_peak = _count(shown_net, kept[steps[-1]], run.predictions)
    for step in steps:
        early, peak = _count(shown_net, kept[step], run.predictions)
        if peak >= _FIRST_PEAK * last_peak:
            break
    return early, late, (step, steps[-1])


def _count(shown_net: ShownNet, path: str, like: Sequence[ClipPredictions]) -> tuple[list[np.ndarray], float]:
    """Returns a column of whether each map has several modes with these weights, and the mean height of the peaks."""
    shown_net.model.set_weights(snapshots.read(path))
    several = {clip.name: np.full(clip.truth.shape[:2], np.nan) for clip in like}
    rows = {clip.name: {int(frame): row for row, frame in enumerate(clip.frames)} for clip in like}
    peaks = []
    for shown, outputs in shown_net.batches(shown_net.spread(_FRAMES)):
        _, heights = shown_net.decode_modes(outputs["heatmaps"], _MAX_MODES, _LEAST_HEIGHT)
        counts = mode_history.count_modes(heights)
        peaks.append(heights[..., 0].mean())
        for place, position in enumerate(shown.positions):
            clip, row = shown_net.place_of(position)
            several[clip.name][rows[clip.name][int(clip.labelled[row])]] = counts[place] > 1
    return [several[clip.name] for clip in like], float(np.mean(peaks))
