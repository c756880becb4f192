"""The memory of a training step follows from the shapes of its net."""

import pytest

from benchmarks import flowing_memory
from benchmarks.memory.estimate import Case, compute_memory
from keras_pose.models import kinds

LITTLE = {"preset": "lite", "width": 0.25, "input_size": "32", "window": 1, "batch_size": 2}


@pytest.mark.parametrize("case", [*flowing_memory.CASES, *flowing_memory.QUICK_CASES], ids=str)
def test_every_case_is_a_valid_configuration(case):
    assert case.config.model.kind is kinds.FLOWING
    assert str(case).startswith(case.config.model.preset)


def test_all_frames_are_kept_together_and_none_with_the_net_frozen():
    one, more = (compute_memory(Case({**LITTLE, "window": n})) for n in (1, 3))
    # Pooled maps are one of each window, whatever its frames.
    pooled = 2 * 8 * 8 * 7 * 4
    assert (more.kept - pooled) / (one.kept - pooled) == pytest.approx(7 / 3)
    assert more.working / one.working == pytest.approx(7 / 3)
    frozen = compute_memory(Case(LITTLE, frozen=True))
    assert frozen.kept == 2 * (3 + 1) * 8 * 8 * 7 * 4  # warped maps of three frames and pooled ones
    assert frozen.gradient == (3 + 1) * 7 * 4  # a weight per frame and joint, a bias per joint
    assert frozen.working == one.working
    assert frozen.step == frozen.kept + frozen.working + frozen.gradient


def test_the_published_net_keeps_92_mb_a_frame():
    needed = compute_memory(flowing_memory.CASES[1])
    # conv1 alone: 256 x 256 x 128 numbers; its input is 256 x 256 x 3, pooled it is a quarter.
    conv1 = 256 * 256 * 128 * 4
    assert needed.working == 11 * conv1 * 1.25
    assert needed.kept == pytest.approx(11 * 92.0e6, rel=0.01)
    assert needed.weights == pytest.approx(2 * 17.6e6 * 4, rel=0.01)


def test_optimiser_and_averages_count_as_copies_of_the_weights():
    adam = compute_memory(Case(LITTLE))
    plain = compute_memory(Case({**LITTLE, "ema": 0.0}))
    sgd = compute_memory(Case({**LITTLE, "ema": 0.0, "optimizer": "sgd"}))
    assert (adam.weights / sgd.weights, plain.weights / sgd.weights) == (2.0, 1.5)
