"""Memory of a training step: what is computed from the shapes, what is measured, and what is not."""

import numpy as np
import pytest

from benchmarks import flowing_memory
from benchmarks.common import flowing_memory_step
from benchmarks.flowing_memory import Bytes, Case
from keras_pose.runs.config import TrainConfig

LITTLE = {"preset": "lite", "width": 0.25, "input_size": "32", "window": 1, "batch_size": 2}


@pytest.mark.parametrize("case", [*flowing_memory.CASES, *flowing_memory.QUICK_CASES], ids=str)
def test_every_case_is_a_valid_configuration(case):
    assert case.config.model == "flowing"
    assert str(case).startswith(case.config.model.preset)


def test_all_frames_are_kept_together_and_none_with_the_net_frozen():
    one, more = (flowing_memory.compute(Case({**LITTLE, "window": n})) for n in (1, 3))
    # Pooled maps are one of each window, whatever its frames.
    pooled = 2 * 8 * 8 * 7 * 4
    assert (more.kept - pooled) / (one.kept - pooled) == pytest.approx(7 / 3)
    assert more.working / one.working == pytest.approx(7 / 3)
    frozen = flowing_memory.compute(Case(LITTLE, frozen=True))
    assert frozen.kept == 2 * (3 + 1) * 8 * 8 * 7 * 4  # warped maps of three frames and pooled ones
    assert frozen.gradient == (3 + 1) * 7 * 4  # a weight per frame and joint, a bias per joint
    assert frozen.working == one.working
    assert frozen.step == frozen.kept + frozen.working + frozen.gradient


def test_the_published_net_keeps_92_mb_a_frame():
    needed = flowing_memory.compute(flowing_memory.CASES[1])
    # conv1 alone: 256 x 256 x 128 numbers; its input is 256 x 256 x 3, pooled it is a quarter.
    conv1 = 256 * 256 * 128 * 4
    assert needed.working == 11 * conv1 * 1.25
    assert needed.kept == pytest.approx(11 * 92.0e6, rel=0.01)
    assert needed.weights == pytest.approx(2 * 17.6e6 * 4, rel=0.01)


def test_optimiser_and_averages_count_as_copies_of_the_weights():
    adam = flowing_memory.compute(Case(LITTLE))
    plain = flowing_memory.compute(Case({**LITTLE, "ema": 0.0}))
    sgd = flowing_memory.compute(Case({**LITTLE, "ema": 0.0, "optimizer": "sgd"}))
    assert (adam.weights / sgd.weights, plain.weights / sgd.weights) == (2.0, 1.5)


def test_what_does_not_fit_or_takes_minutes_is_not_measured():
    case, needed = Case(LITTLE), Bytes(kept=2e9, working=1e9, gradient=1e9, weights=1e9)
    assert flowing_memory.why_not_measured(case, needed, free=9.5e9) == ""
    assert "might not fit into 8.0 GB" in flowing_memory.why_not_measured(case, needed, free=8e9)
    assert "no /proc" in flowing_memory.why_not_measured(case, needed, free=None)
    slow = Case(LITTLE, long=True)
    assert "--long" in flowing_memory.why_not_measured(slow, needed, free=9.5e9)
    assert flowing_memory.why_not_measured(slow, needed, free=9.5e9, long=True) == ""


def test_rows_say_what_is_measured_and_what_computed():
    needed = Bytes(kept=2e9, working=1e9, gradient=1e9, weights=1e9)
    measured = flowing_memory.case_rows("x", needed, {"before": 1e9, "peak": 3.5e9})
    assert [(row.what, row.value) for row in measured] == [
        ("x: kept for the gradient, computed", 2.0),
        ("x: step, computed", 4.0),
        ("x: step, measured", 2.5),
    ]
    computed = flowing_memory.case_rows("x", needed, None, "not measured: no room")
    assert computed[-1].what == "x: step, computed (not measured: no room)"


def test_free_memory_is_read_where_there_is_such_a_file(tmp_path):
    path = tmp_path / "meminfo"
    assert flowing_memory.free_bytes(path) is None
    path.write_text("MemTotal: 100 kB\nMemAvailable:  40 kB\n")
    assert flowing_memory.free_bytes(path) == 40 * 1024


@pytest.mark.skipif(flowing_memory.free_bytes() is None, reason="no /proc")
def test_a_peak_is_measured_from_the_moment_it_is_set_back():
    large = np.ones(25_000_000, np.float64)
    del large
    flowing_memory_step.set_peak_back()
    before = flowing_memory_step.status_bytes("VmRSS")
    assert flowing_memory_step.status_bytes("VmHWM") - before < 50e6
    large = np.ones(25_000_000, np.float64)
    del large
    assert 150e6 < flowing_memory_step.status_bytes("VmHWM") - before < 300e6


def test_the_step_is_that_of_a_training():
    config = TrainConfig.from_flags(run_dir="none", model="flowing", warmup_steps=0, **LITTLE)
    model, (inputs, targets) = flowing_memory_step.prepare(config, frozen=True)
    assert tuple(inputs["frames"].shape) == (2, 3, 32, 32, 3)
    assert set(inputs) == {"frames", "valid", "flows"}
    before = [np.array(weight) for weight in model.trainable_variables]
    assert len(before) == 2  # weights and bias of the pooling
    assert np.isfinite(model.train_on_batch(inputs, targets, return_dict=True)["loss"])
    assert any((np.array(w) != b).any() for w, b in zip(model.trainable_variables, before))


@pytest.mark.skipif(flowing_memory.free_bytes() is None, reason="no /proc")
def test_a_process_of_its_own_measures_a_step():
    measured = flowing_memory.measure(Case(LITTLE))
    assert 0 < measured["before"] <= measured["peak"]
    assert measured["seconds"] > 0


def test_a_process_that_fails_is_named(monkeypatch):
    monkeypatch.setattr(flowing_memory.sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match="lite, 32 px, n = 1, batch 2, all together: the process ended with 1"):
        flowing_memory.measure(Case(LITTLE))
