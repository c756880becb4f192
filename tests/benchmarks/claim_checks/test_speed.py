"""The ratio of times with and without flow."""

import numpy as np
import pytest

from benchmarks.claim_checks import speed
from benchmarks.claim_checks.findings import HELD, NOT_HELD
from benchmarks.common.timing import Timings


@pytest.mark.parametrize(("factor", "verdict"), [(1.3, NOT_HELD), (15.0, HELD)])
def test_the_median_ratio_of_the_turns_is_compared_with_ten(factor, verdict):
    single = np.random.default_rng(0).uniform(0.008, 0.012, 20)
    noise = np.random.default_rng(1).uniform(0.97, 1.03, 20)
    finding = speed.compare_times("lite", Timings({"single frames": single, "n=5": single * factor * noise}))
    assert finding.value == pytest.approx(factor, rel=0.03)
    assert finding.verdict == verdict
    assert finding.low < finding.value < finding.high
