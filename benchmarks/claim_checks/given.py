"""Runs that were trained by other commands, as further evidence: single ones, and those that differ in one thing."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from benchmarks.claim_checks.data_sets import JHMDB, PERSON_FRACTION, POINT_FRACTION, DataSet
from benchmarks.common.trainings import Training
from keras_pose import options
from keras_pose.data import selection
from keras_pose.data.clip import Clip
from keras_pose.evaluation import predictions
from keras_pose.evaluation.measures import joint_groups
from keras_pose.models import kinds
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig

_NEVER_COMPARED = {"run_dir", "snapshots", "cache", "metrics", "validate_every"}


@dataclasses.dataclass(frozen=True)
class Given:
    """A finished run.

    Args:
      training: the run with the predictions of its test frames.
      config: its configuration.
      data: its data as claims name and score it; without the flags that open it.
    """

    training: Training
    config: TrainConfig
    data: DataSet

    @property
    def has_two_heads(self) -> bool:
        """Whether it is a heatmap net with fusion layers."""
        return self.config.model.kind is kinds.HEATMAP and self.config.model.fusion

    def flags(self, but: Collection[str]) -> dict[str, Any]:
        """Returns the flags of the training without some."""
        left_out = _NEVER_COMPARED.union(but)
        return {name: value for name, value in options.values(self.config).items() if name not in left_out}


def open_given(run_dirs: Sequence[str]) -> list[Given]:
    """Opens finished runs.

    Raises:
      ValueError: if a folder is no run, or was not scored.
    """
    found = []
    for path in run_dirs:
        run, config, skeleton = run_directory.open_run(path)
        scores = os.path.join(run.eval, "predictions.npz")
        if not os.path.exists(scores):
            raise ValueError(f"--trained: expected a run that was scored, {path} has no {scores}")
        is_person = {"wrist", "elbow"} <= set(joint_groups(skeleton))
        name = f"{describe_source(config.data.source)}, {config.optimisation.steps} steps"
        joints, fraction = ("wrist+elbow", PERSON_FRACTION) if is_person else ("", POINT_FRACTION)
        training = Training(path, skeleton, predictions.load(scores)[1], 0.0, False)
        found.append(Given(training, config, DataSet(name, {}, {}, joints, fraction)))
    return found


def describe_source(source: str) -> str:
    """Returns a name for `--data`: the signers, or the last part of the first path, and whether there are others."""
    first, *others = source.split(",")
    last = first.split(":")[0].rstrip("/").rpartition("/")[2]
    return {"jhmdb": JHMDB}.get(last, last) + (" with further data" if others else "")


def find_pairs(given: Sequence[Given], flag: str, first: Any, second: Any, but: Collection[str] = ()) -> Iterator:
    """Yields the pairs of runs that have these values of a flag and otherwise the same flags.

    Args:
      given: the runs.
      flag: flag of `train.py`.
      first, second: its values.
      but: other flags that may differ.

    Yields:
      (`Given` with the first value, `Given` with the second).
    """
    for a in given:
        for b in given:
            if (options.values(a.config)[flag], options.values(b.config)[flag]) != (first, second):
                continue
            if a.flags({flag, *but}) == b.flags({flag, *but}):
                yield a, b


def open_tests(run_dir: str) -> list[Clip]:
    """Opens the test clips of a run."""
    config = run_directory.open_run(run_dir)[1]
    source = selection.open_data(config.data.source, config.data)
    return list(selection.split_data(source, config.data).test)
