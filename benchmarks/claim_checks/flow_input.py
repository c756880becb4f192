"""The claim that warping heatmaps along the flow beats flow as a further input of the net.

The net of flow inputs sees three frames and their flow, stacked as channels; it has the trunk of the heatmap net, and
trains on the same labelled frames for equally many steps. Against it: the heatmap net, whose maps of the same three
frames are warped and pooled by parametric weights, which are fitted while the net is frozen.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.claim_checks import pooled
from benchmarks.claim_checks.data_sets import LIPS
from benchmarks.claim_checks.findings import Finding
from benchmarks.claim_checks.nets import FLOW_INPUT, HEATMAP
from benchmarks.claim_checks.poolings import PARAMETRIC
from benchmarks.claim_checks.study import Study, compare
from keras_pose.evaluation import run_predictions
from keras_pose.inference import loading

WARPED = "warped heatmaps"
STACKED = "flow as input"


def find_warping_better(study: Study) -> Iterator[Finding]:
    """Yields the accuracy of warped heatmaps less that of flow as input, with one neighbour on each side."""
    for data in study.data_sets.values():
        if data.name == LIPS:
            continue  # labels past the end of a video have no neighbours
        stacked = study.nets.train(data, FLOW_INPUT)[0]
        poolings = pooled.open_pooled(study, data)
        predictor = loading.load_predictor(stacked.run_dir)
        found = {
            WARPED: [poolings.predict(PARAMETRIC, 1)],
            STACKED: [run_predictions.predict_clips(predictor, poolings.test_clips)],
        }
        finding = compare(
            7, f"three frames: {WARPED} − {STACKED}", data, poolings.skeleton, found, {WARPED: 1, STACKED: -1}
        )
        yield finding.with_note(
            f"minutes of training: heatmap net {study.nets.train(data, HEATMAP)[0].minutes:.1f}, {STACKED} "
            f"{stacked.minutes:.1f}"
        )
