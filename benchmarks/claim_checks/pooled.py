"""Predictions of poolings around the heatmap net, for all claims that need them: computed once, kept in a folder."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence

from benchmarks.claim_checks.data_sets import SIGNERS, DataSet
from benchmarks.claim_checks.nets import HEATMAP
from benchmarks.claim_checks.study import Study
from benchmarks.pooling import temporal_cells, temporal_data
from benchmarks.pooling.cells import Cells
from benchmarks.pooling.nets import open_any_net, open_net
from benchmarks.pooling.temporal_cells import TemporalCells
from benchmarks.pooling.warped_windows import WarpedWindows
from keras_pose.data.clip import Clip
from keras_pose.data.synthetic import versions
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton

FLOW = "dis_medium"
SINGLE = "single frame"
_FOLDS = 2  # poolings that learn are scored on films and speakers that they were not fitted on


@dataclasses.dataclass(frozen=True)
class Pooled:
    """The poolings around the heatmap net of the first seed on one data set.

    Args:
      data: the data set.
      cells: what computes them.
      skeleton: the joints.
      config: configuration of the net.
    """

    data: DataSet
    cells: Cells | TemporalCells
    skeleton: Skeleton
    config: TrainConfig

    def predict_single(self) -> list[ClipPredictions]:
        """Returns the predictions of the net without neighbours."""
        if isinstance(self.cells, Cells):
            return self.cells.predict_single()
        return self.cells.predict_baselines()[temporal_cells.SINGLE]

    def predict(self, kind: str, neighbours: int) -> list[ClipPredictions]:
        """Returns the predictions of a kind of pooling with so many neighbours on each side."""
        if isinstance(self.cells, Cells):
            return self.cells.predict_all([FLOW], [kind], [neighbours])[FLOW, kind, neighbours]
        cell = temporal_cells.Cell(FLOW, kind, neighbours, 1)
        return self.cells.predict([cell])[cell]

    def read_windows(self) -> tuple[WarpedWindows, Sequence[Clip]]:
        """Returns the windows that poolings are fitted on, warped, and their clips."""
        return self.cells.read_fitted(FLOW)

    @property
    def test_clips(self) -> list[Clip]:
        """The clips whose predictions are compared."""
        return self.cells.test_clips


def open_all(study: Study) -> Iterator[Pooled]:
    """Yields the poolings around the heatmap net of each data set, and around each given run of signers."""
    for data in study.data_sets.values():
        yield open_pooled(study, data)
    for given in study.given:
        if given.has_two_heads and versions.version_of(given.config.data.source) == 1:
            folder = study.folder("trained", f"{os.path.basename(os.path.normpath(given.training.run_dir))}-poolings")
            yield _open_signers(study, given.data, given.training.run_dir, folder)


def open_pooled(study: Study, data: DataSet) -> Pooled:
    """Trains the heatmap net if it is not trained yet, and opens the poolings around it."""
    run_dir = study.nets.train(data, HEATMAP)[0].run_dir
    folder = study.folder(data.name, "poolings")
    if data.name == SIGNERS:
        return _open_signers(study, data, run_dir, folder)
    net = open_any_net(run_dir)
    interval = data.flags.get("every_label", 1)
    opened = temporal_data.open_data(
        data.flags["data"], net.skeleton, data.flags["test_clips"], every=2 * interval if interval > 1 else 1
    )
    form = study.form
    cells = TemporalCells(folder, net, opened, form.far, (1,), _FOLDS, form.fit_steps, study.echo)
    return Pooled(data, cells, opened.skeleton, net.config)


def _open_signers(study, data, run_dir, folder):
    form = study.form
    net = open_net(run_dir)
    cells = Cells(folder, net, form.pooling_clips, form.pooling_tests, form.far, form.fit_steps, study.echo)
    return Pooled(data, cells, net.skeleton, net.config)
