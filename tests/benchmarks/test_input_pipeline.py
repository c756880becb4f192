"""Rows and data of the benchmark of the input pipeline."""

import numpy as np
import pytest

from benchmarks import input_pipeline
from benchmarks.common import trainings
from benchmarks.common.training_steps import StepTimes


def test_rows_of_training():
    def block(wait, step):
        return StepTimes(np.full(4, wait), np.full(4, step))

    blocks = {input_pipeline.NO_PIPELINE: [block(0, 0.1), block(0, 0.2)]}
    for name in input_pipeline.CACHES:
        blocks[f"{name}, first pass"] = [block(0.3, 0.4), block(0.3, 0.4)]
        blocks[f"{name}, later passes"] = [block(0.01, 0.2), block(0.01, 0.4)]
    rows = {row.what: row for row in input_pipeline.training_rows(blocks)}
    assert rows["step time, one batch in memory"].value == pytest.approx(150)
    assert rows["share of time waiting, with cache, first pass"].value == pytest.approx(0.75)
    cached = rows["share of time waiting, with cache, later passes"]
    assert (cached.target, cached.holds) == ("<= 0.05", True)
    assert cached.value == pytest.approx((0.05 + 0.025) / 2)
    assert rows["step time, with cache, later passes / one batch in memory"].value == pytest.approx(2)
    assert [row.what for row in rows.values() if row.target] == [cached.what]


def test_a_first_pass_reads_each_frame_once():
    config = trainings.load_config(trainings.QUICKSTART)
    samples = input_pipeline.open_samples(config, 2, cache=False)
    assert len(samples) == 2 * config.optimisation.batch_size
