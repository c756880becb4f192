"""Claims about heatmaps and coordinates: which is better, which gains from more data, and what a robust loss does."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.claim_checks.data_sets import SIGNERS
from benchmarks.claim_checks.findings import ABOVE, Finding
from benchmarks.claim_checks.nets import ALL, COORDINATE, EXTENDED, FEW, HEATMAP, TUKEY
from benchmarks.claim_checks.study import Study, compare

MORE = "more clips"
AUTOMATIC = "more clips with automatic labels"
_CLIPS = {MORE: ALL, AUTOMATIC: EXTENDED}


def find_heatmaps_better(study: Study) -> Iterator[Finding]:
    """Yields the accuracy of the heatmap net less that of the coordinate net, at equal steps."""
    for data in study.data_sets.values():
        predicted, skeleton = _predict(study, data, {HEATMAP: (HEATMAP, ALL), COORDINATE: (COORDINATE, ALL)})
        what = "heatmap − coordinate net"
        yield compare(1, what, data, skeleton, predicted, {HEATMAP: 1, COORDINATE: -1})


def find_saturation(study: Study) -> Iterator[Finding]:
    """Yields what more data adds to both nets, and the difference of the two gains."""
    for data in study.data_sets.values():
        if not data.few:
            continue
        for more in (MORE, AUTOMATIC) if data.name == SIGNERS else (MORE,):
            cases = {f"{net}, {c}": (net, c) for net in (HEATMAP, COORDINATE) for c in (FEW, _CLIPS[more])}
            predicted, skeleton = _predict(study, data, cases)
            gains = {net: {f"{net}, {_CLIPS[more]}": 1.0, f"{net}, {FEW}": -1.0} for net in (HEATMAP, COORDINATE)}
            what = f"{more}: gain of the heatmap net"
            yield compare(2, what, data, skeleton, predicted, gains[HEATMAP])
            both = {**gains[HEATMAP], **{name: -weight for name, weight in gains[COORDINATE].items()}}
            what = f"{more}: gain of the heatmap net − gain of the coordinate net"
            yield compare(2, what, data, skeleton, predicted, both)


def find_robust_loss(study: Study) -> Iterator[Finding]:
    """Yields what Tukey's loss adds to the coordinate net."""
    for data in study.data_sets.values():
        for clips in (ALL, EXTENDED) if data.name == SIGNERS else (ALL,):
            predicted, skeleton = _predict(study, data, {TUKEY: (TUKEY, clips), COORDINATE: (COORDINATE, clips)})
            what = "coordinate net: Tukey − L2" + (", automatic labels" if clips == EXTENDED else "")
            yield compare(8, what, data, skeleton, predicted, {TUKEY: 1, COORDINATE: -1}, ABOVE)


def _predict(study, data, cases):
    runs = {name: study.nets.train(data, net, clips) for name, (net, clips) in cases.items()}
    skeleton = next(iter(runs.values()))[0].skeleton
    return {name: [run.predictions for run in seeds] for name, seeds in runs.items()}, skeleton
