"""Cells of all temporal kinds around one net: fitted on other groups, found again."""

import dataclasses

import numpy as np
import pytest

from benchmarks.pooling import fit_pooling, nets, temporal_cells, temporal_data
from benchmarks.pooling.temporal_cells import Cell, TemporalCells
from keras_pose.evaluation import scoring
from keras_pose.inference import loading
from tests.helpers import tiny
from tests.helpers.exported_runs import write_run

CELLS = [Cell("none", "sum", 1, 1), Cell("shift", "sum", 1, 2), Cell("joints", "parametric", 1, 1)]


def ignore(line):
    """Shows nothing."""


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A net for single frames without training."""
    _, _, run_dir = write_run(tmp_path_factory.mktemp("net") / "net", **tiny.FLAGS)
    return nets.open_any_net(run_dir)


@pytest.fixture(scope="module")
def data(net):
    return temporal_data.open_data("signers:test:3", net.skeleton, every=4)


def make_cells(folder, net, data, echo=ignore, folds=3):
    return TemporalCells(str(folder), net, data, 1, (1, 2), folds, fit_steps=2, echo=echo)


def test_all_cells_are_of_the_same_frames_and_differ(net, data, tmp_path, monkeypatch):
    fitted = []
    fit = fit_pooling.fit
    monkeypatch.setattr(
        fit_pooling, "fit", lambda model, windows, *rest: fitted.append(windows) or fit(model, windows, *rest)
    )
    cells = make_cells(tmp_path, net, data)
    found = {**cells.predict_baselines(), **cells.predict(CELLS)}
    assert list(found) == [*temporal_cells.BASELINES, *CELLS]
    for predicted in found.values():
        assert [clip.frames.tolist() for clip in predicted] == [clip.labelled.tolist() for clip in data.scored]
    positions = [np.concatenate([clip.predicted for clip in predicted]) for predicted in found.values()]
    assert all(np.abs(a - positions[0]).max() > 0 for a in positions[1:])
    # Three folds: each fit sees two of the three clips of 4 labelled frames.
    assert [len(windows.maps) for windows in fitted] == [8, 8, 8]
    # Finished cells are found again, and other settings are refused.
    lines = []
    again = make_cells(tmp_path, net, data, lines.append).predict(CELLS)
    assert lines == []
    np.testing.assert_array_equal(again[CELLS[2]][0].predicted, found[CELLS[2]][0].predicted)
    with pytest.raises(ValueError, match="--work_dir: .* other settings .folds 3 there, 2 now"):
        make_cells(tmp_path, net, data, folds=2)


def test_the_single_frame_is_the_net_alone(net, data, tmp_path):
    single = make_cells(tmp_path, net, data).predict_baselines()[temporal_cells.SINGLE]
    alone = scoring.predict_clips(loading.load_predictor(net.run_dir), data.scored)
    apart = [np.linalg.norm(a.predicted - b.predicted, axis=-1) for a, b in zip(single, alone)]
    # Maps are kept in 16 bits, which may change which of two pixels of an untrained map is the higher one.
    assert (np.concatenate(apart) < 0.5).mean() > 0.9


@pytest.mark.parametrize("has_own_clips", [True, False])
def test_the_offset_is_that_of_other_clips(net, data, tmp_path, has_own_clips):
    """The first clip's offset does not come from its own labels."""
    part = dataclasses.replace(data, scored=data.scored[:2], fitted=data.scored[2:] if has_own_clips else [])
    cells = make_cells(tmp_path, net, part, folds=2)
    single = cells.predict_baselines()[temporal_cells.SINGLE]
    moved = cells.predict_offset()[temporal_cells.OFFSET]
    apart = [b.predicted - a.predicted for a, b in zip(single, moved)]
    assert np.ptp(apart[0], axis=0).max() < 1e-3
    others = net_offset(net, data.scored[2] if has_own_clips else data.scored[1])
    np.testing.assert_allclose(apart[0][0], others, atol=2)
    assert (np.abs(apart[0][0] - apart[1][0]).max() < 1e-3) == has_own_clips


def net_offset(net, clip):
    """The median offset of a clip's labels from the net's peaks, px of the frame."""
    found = scoring.predict_clips(loading.load_predictor(net.run_dir), [clip])[0]
    return np.median(found.truth - found.predicted, axis=0)


def test_cells_are_listed_without_flow_first():
    cells = temporal_cells.list_cells(["shift", "none"], ["none", "sum"], [1, 2], [1])
    assert cells == [
        Cell("none", "sum", 1, 1),
        Cell("none", "sum", 2, 1),
        Cell("shift", "sum", 1, 1),
        Cell("shift", "sum", 2, 1),
    ]
