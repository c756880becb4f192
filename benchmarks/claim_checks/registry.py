"""The claims of the slides, by number: what they say, and the experiment of each."""

from __future__ import annotations

from benchmarks.claim_checks import flow_input, fusion, modes, pooling_weights, poolings, regimes, speed
from benchmarks.claim_checks.study import Claim

CLAIMS = {
    1: Claim("A net that predicts heatmaps is better than one that predicts coordinates", regimes.find_heatmaps_better),
    2: Claim(
        "With more data, also with automatic labels, the heatmap net gains and the coordinate net saturates",
        regimes.find_saturation,
    ),
    3: Claim("Fusion layers correct wrong modes", fusion.find_corrections),
    4: Claim("Maps have several modes early in training, fewer late", modes.find_modes),
    5: Claim(
        "Pooling along the flow helps; parametric beats sum and max, which fall with n", poolings.find_pooling_helps
    ),
    6: Claim("Learned weights are highest in the centre and differ by joint", pooling_weights.find_weights),
    7: Claim("Warping heatmaps is better than flow as an input of the net", flow_input.find_warping_better),
    8: Claim("Robust regression (Tukey) helps the coordinate net", regimes.find_robust_loss),
    9: Claim("Data-dependent pooling helps", poolings.find_data_dependent),
    10: Claim("Flow makes a frame ten times slower", speed.find_factor),
}
