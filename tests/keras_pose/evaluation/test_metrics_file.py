"""The content of metrics.json: fixed keys in their order, and figures that stay what they were."""

import json
import pathlib

import numpy as np
import pytest

from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.evaluation.report import write_report
from keras_pose.skeleton import Skeleton

# What `write_metrics` wrote when the format was fixed: other keys or figures break those who read metrics.json.
GOLDEN = pathlib.Path(__file__).with_name("golden_metrics.json")
HANDS = Skeleton("hands", ("nose", "left_wrist", "right_wrist"), flip_pairs=(("left_wrist", "right_wrist"),))


def make_run(spread_px):
    """Three clips of four frames, some joints hidden and some unlabelled; the truth does not depend on the spread."""
    run = []
    for i in range(3):
        rng = np.random.default_rng(i)
        truth = rng.uniform(10, 50, (4, 3, 2)).astype(np.float32)
        visibility = rng.integers(0, 3, (4, 3))
        predicted = truth + rng.normal(0, spread_px, truth.shape).astype(np.float32)
        truth[visibility == 0] = np.nan
        run.append(ClipPredictions(f"c{i}", np.arange(4), predicted, np.ones((4, 3)), truth, visibility, (48, 64)))
    return run


def write_metrics(folder):
    write_report(
        folder,
        {"before": make_run(6), "after": make_run(3)},
        HANDS,
        pck_reference="left_wrist,right_wrist",
        distances_px=(2, 6, 15),
        scored={"data": "made up"},
        resamples=1000,
    )
    return json.loads((folder / "metrics.json").read_text("utf-8"))


def flatten(value, path=""):
    """Returns [(path, leaf), …] in the order of the file."""
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for key, item in items for leaf in flatten(item, f"{path}/{key}")]
    return [(path, value)]


def test_keys_order_and_figures_are_those_of_the_golden_file(tmp_path):
    expected = flatten(json.loads(GOLDEN.read_text("utf-8")))
    received = flatten(write_metrics(tmp_path))
    assert [path for path, _ in received] == [path for path, _ in expected]
    for (path, value), (_, known) in zip(received, expected):
        assert value == (pytest.approx(known, rel=1e-9) if isinstance(known, float) else known), path
