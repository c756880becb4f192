"""Claims about heatmaps and coordinates: which is better, which gains from more data, and what a robust loss does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.claim_checks.data_sets import SIGNERS, DataSet
from benchmarks.claim_checks.findings import ABOVE, Finding
from benchmarks.claim_checks.given import Given, find_pairs
from benchmarks.claim_checks.nets import ALL, COORDINATE, EXTENDED, FEW, HEATMAP, TUKEY
from benchmarks.claim_checks.study import Study, compare
from keras_pose.skeleton import Skeleton

MORE = "more clips"
AUTOMATIC = "more clips with automatic labels"
_CLIPS = {MORE: ALL, AUTOMATIC: EXTENDED}


def find_heatmaps_better(study: Study) -> Iterator[Finding]:
    """Yields the accuracy of the heatmap net less that of the coordinate net, at equal steps."""
    what = "heatmap − coordinate net"
    for data in study.data_sets.values():
        predicted, skeleton = _predict(study, data, {HEATMAP: (HEATMAP, ALL), COORDINATE: (COORDINATE, ALL)})
        yield compare(1, what, data, skeleton, predicted, {HEATMAP: 1, COORDINATE: -1})
    for heatmap, coordinate in given_regimes(study):
        if "," not in heatmap.config.data.source:
            predicted = {HEATMAP: [heatmap.training.predictions], COORDINATE: [coordinate.training.predictions]}
            skeleton = heatmap.training.skeleton
            yield compare(1, what, heatmap.data, skeleton, predicted, {HEATMAP: 1, COORDINATE: -1})


def find_saturation(study: Study) -> Iterator[Finding]:
    """Yields what more data adds to both nets, and the difference of the two gains."""
    for data in study.data_sets.values():
        if not data.few:
            continue
        for more in (MORE, AUTOMATIC) if data.name == SIGNERS else (MORE,):
            cases = {f"{net}, {c}": (net, c) for net in (HEATMAP, COORDINATE) for c in (FEW, _CLIPS[more])}
            predicted, skeleton = _predict(study, data, cases)
            yield from compare_gains(data, skeleton, predicted, more)
    yield from find_given_saturation(study)


def compare_gains(data: DataSet, skeleton: Skeleton, predicted: Mapping[str, Sequence], more: str) -> Iterator[Finding]:
    """Yields the gain of the heatmap net from more data, and how far it is above that of the coordinate net.

    Args:
      data: the data.
      skeleton: its joints.
      predicted: predictions of each seed, by "<net>, <clips>".
      more: MORE or AUTOMATIC.
    """
    clips = _CLIPS[more]
    gains = {net: {f"{net}, {clips}": 1.0, f"{net}, {FEW}": -1.0} for net in (HEATMAP, COORDINATE)}
    yield compare(2, f"{more}: gain, heatmap net", data, skeleton, predicted, gains[HEATMAP])
    both = {**gains[HEATMAP], **{name: -weight for name, weight in gains[COORDINATE].items()}}
    what = f"{more}: gain, heatmap − coordinate net"
    yield compare(2, what, data, skeleton, predicted, both)


def given_regimes(study: Study) -> Iterator[tuple[Given, Given]]:
    """Yields (heatmap, coordinate) nets among the given runs that differ in nothing else."""
    return find_pairs(study.given, "model", "heatmap", "coordinate", ("fusion",))


def find_given_saturation(study: Study) -> Iterator[Finding]:
    """Yields what a second source of data with automatic labels adds to given runs of both nets."""
    pairs = list(given_regimes(study))
    sources = ("data", "data_weights", "data_shares")
    for with_more in pairs:
        for without in pairs:
            more, few = with_more[0].config.data.source, without[0].config.data.source
            if not more.startswith(f"{few},") or with_more[0].flags(sources) != without[0].flags(sources):
                continue
            nets = {
                f"{net}, {clips}": [run.training.predictions]
                for clips, runs in ((EXTENDED, with_more), (FEW, without))
                for net, run in zip((HEATMAP, COORDINATE), runs)
            }
            yield from compare_gains(without[0].data, without[0].training.skeleton, nets, AUTOMATIC)


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
