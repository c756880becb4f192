"""Errors and rows of the benchmark of flow estimators."""

import json

import numpy as np
import pytest

from benchmarks import flow
from benchmarks.common.timing import Timings
from keras_pose.flow import estimators


@pytest.fixture(scope="module")
def pairs():
    return flow.open_pairs(clips=2, size_px=64)


def test_pairs_are_held_out_and_go_both_ways(pairs):
    assert len(pairs) == 2 * len(flow.PAIRS)
    assert flow.SPLIT == "test"
    assert {source - target for target, source in flow.PAIRS} == {-1, 1}
    for pair in pairs:
        assert pair.target.shape == pair.source.shape == (64, 64, 3)
        assert pair.flow.shape == (64, 64, 2)
        assert not (pair.regions["body"] & ~pair.regions["all"]).any()
        moving = pair.regions["moving"]
        assert (np.linalg.norm(pair.flow, axis=-1)[moving] > 1).all()


def test_the_truth_has_no_error_and_a_shift_of_it_its_length(pairs):
    flows = {id(pair.target): pair.flow for pair in pairs}

    def shifted(target, source):
        return flows[id(target)] + np.float32((3, -4))

    exact = flow.sum_errors(lambda target, source: flows[id(target)], pairs)
    off = flow.sum_errors(shifted, pairs)
    for region in flow.REGIONS:
        assert exact[region][:, 0].sum() == 0
        np.testing.assert_allclose(off[region][:, 0], 5 * off[region][:, 1], rtol=1e-5)
        assert off[region].shape == (2, 2)
    assert (off["all"][:, 1] > off["body"][:, 1]).all()


def test_intervals_are_over_clips_and_ratios_are_paired():
    numbers = np.random.default_rng(0).uniform(50, 100, (12, 2))
    errors = {
        name: dict.fromkeys(flow.REGIONS, numbers * (factor, 1))
        for name, factor in (("dis_fast", 2.0), ("in_graph", 1.0))
    }
    rows = {row.what: row for row in flow.error_rows(errors)}
    row = rows["error, body, dis_fast"]
    assert row.value == pytest.approx(2 * numbers[:, 0].sum() / numbers[:, 1].sum())
    assert row.low < row.value < row.high
    ratio = rows["error, body, in_graph / dis_fast"]
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((0.5, 0.5, 0.5))
    assert (ratio.target, ratio.holds) == ("<= 1.5", True)
    assert [row.what for row in rows.values() if row.target] == [ratio.what]


def test_estimators_that_are_not_installed_are_left_out(monkeypatch):
    monkeypatch.setattr(flow.opencv, "has_contrib", lambda: False)
    assert set(estimators.ESTIMATORS) - set(flow.list_installed()) == set(flow.opencv.CONTRIB)
    monkeypatch.setattr(flow.opencv, "has_contrib", lambda: True)
    assert flow.list_installed() == estimators.ESTIMATORS


def test_a_quick_run_writes_rows_and_a_figure(tmp_path, monkeypatch, capsys):
    open_pairs = flow.open_pairs
    monkeypatch.setattr(flow, "open_pairs", lambda clips, size_px: open_pairs(1, size_px))
    monkeypatch.setattr(flow, "list_installed", lambda: ("none", "dis_fast", "in_graph"))
    monkeypatch.setattr(flow, "time_rows", lambda opened, pairs, repeats: [])
    open_estimator = estimators.open_estimator  # TensorFlow would trace for seconds
    monkeypatch.setattr(estimators, "open_estimator", lambda name: open_estimator(name.replace("in_graph", "dis_fast")))
    figure = tmp_path / "flow.png"
    rows = tmp_path / "flow.json"
    flow.main(["--quick", "--size=48", f"--figure={figure}", f"--json={rows}"])
    assert figure.read_bytes().startswith(b"\x89PNG")
    written = json.loads(rows.read_text())
    assert written["name"] == "flow"
    assert "error, body, in_graph / dis_fast" in {row["what"] for row in written["rows"]}
    assert "deepflow: not installed" in capsys.readouterr().out


def test_times_are_per_pair(pairs, monkeypatch):
    """Each call takes 32 ms, whether it estimates one flow or a batch."""

    def time_in_turn(functions, repeats):
        for function in functions.values():
            function()
        return Timings({name: np.full(repeats, 0.032) for name in functions})

    called = []
    monkeypatch.setattr(flow, "open_batch", lambda pairs, jit_compile: lambda: called.append("batch"))
    monkeypatch.setattr(flow, "time_in_turn", time_in_turn)
    rows = flow.time_rows({"none": lambda target, source: called.append("pair")}, pairs, repeats=2)
    assert {row.what: (row.value, row.unit) for row in rows} == {
        "time per pair, none": (32, "ms"),
        "time per pair, in_graph, batch of 16": (2, "ms"),
        "time per pair, in_graph, batch of 16, XLA": (2, "ms"),
    }
    assert called == ["pair", "batch", "batch"]


def test_a_batch_runs_in_the_graph(pairs):
    call = flow.open_batch(pairs, jit_compile=False)
    assert call().shape == (flow.BATCH, 64, 64, 2)


def test_frames_too_small_are_refused(capsys):
    with pytest.raises(SystemExit):
        flow.main(["--size=16"])
    assert "--size: expected at least 32, received 16" in capsys.readouterr().err
