"""The claim that fusion layers correct wrong modes, in two ways, by kind of error.

Apart: a net with and a net without fusion layers, trained alike. Inside: the two heads of the net with fusion; the
first reads the trunk, the second the fusion layers on top of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import keras
import numpy as np

from benchmarks.claim_checks import contrasts, error_places, findings
from benchmarks.claim_checks.findings import BELOW, Finding
from benchmarks.claim_checks.given import find_pairs, open_tests
from benchmarks.claim_checks.nets import HEATMAP, NO_FUSION
from benchmarks.claim_checks.study import Study, in_order, mean
from benchmarks.common.trainings import Training
from keras_pose.evaluation import predictions, run_predictions
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference.predictor import Predictor
from keras_pose.runs import trained
from keras_pose.skeleton import Skeleton

APART = "with − without fusion"
INSIDE = "second − first head of one net"
_ALL_WRONG = "wrong modes"


def find_corrections(study: Study) -> Iterator[Finding]:
    """Yields the share of joints of each kind of error with fusion less that without, for each data set."""
    for data in study.data_sets.values():
        fused = study.nets.train(data, HEATMAP)
        with_fusion = [run.predictions for run in fused]
        without = [run.predictions for run in study.nets.train(data, NO_FUSION)]
        skeleton = fused[0].skeleton
        yield from compare_errors(data.name, data.fraction, skeleton, with_fusion, without, APART)
        first_heads = [predict_first_head(run, study.folder(data.name)) for run in fused]
        yield from compare_errors(data.name, data.fraction, skeleton, with_fusion, first_heads, INSIDE)
    for given in study.given:
        if given.has_two_heads:
            run = given.training
            heads = [run.predictions], [predict_first_head(run, study.folder("trained"))]
            yield from compare_errors(given.data.name, given.data.fraction, run.skeleton, *heads, INSIDE)
    for fused, plain in find_pairs(study.given, "fusion", True, False):
        nets = [fused.training.predictions], [plain.training.predictions]
        yield from compare_errors(fused.data.name, fused.data.fraction, fused.training.skeleton, *nets, APART)


def compare_errors(
    name: str,
    fraction: float,
    skeleton: Skeleton,
    better: Sequence[Sequence[ClipPredictions]],
    worse: Sequence[Sequence[ClipPredictions]],
    what: str,
) -> Iterator[Finding]:
    """Yields the difference in wrong modes, and in each kind of error; the claim is that wrong modes become fewer.

    Args:
      name: name of the data.
      fraction: a joint is right within this part of the frame's longer side.
      skeleton: its joints.
      better: predictions of each seed, with fusion.
      worse: predictions of each seed on the same frames, without.
      what: the difference in words.
    """
    clips = better[0]
    kinds: dict[str, tuple[int, ...]] = {_ALL_WRONG: error_places.WRONG_MODES}
    kinds.update({error_places.NAMES[kind]: (kind,) for kind in error_places.WRONG_MODES})
    near = [
        100 * np.nanmean(np.concatenate(error_places.count_kinds(found, skeleton, fraction, (error_places.NEAR,))))
        for seeds in (better, worse)
        for found in seeds[:1]
    ]
    for title, members in kinds.items():
        columns = {
            side: [error_places.count_kinds(in_order(found, clips), skeleton, fraction, members) for found in seeds]
            for side, seeds in (("with", better), ("without", worse))
        }
        found = contrasts.contrast(clips, columns, {"with": 1.0, "without": -1.0})
        shares = [mean(clips, columns, side) for side in columns]
        note = f"{100 * shares[0]:.1f} % of all joints with, {100 * shares[1]:.1f} % without"
        if title == _ALL_WRONG:
            note += f"; {count_repairs(better, worse, skeleton, fraction)}"
            note += f"; near misses {near[0]:.1f} % with, {near[1]:.1f} % without"
        finding = findings.in_points(3, f"{title}, {what}", name, found, BELOW, note)
        yield finding if title == _ALL_WRONG else finding.as_part()


def count_repairs(
    better: Sequence[Sequence[ClipPredictions]],
    worse: Sequence[Sequence[ClipPredictions]],
    skeleton: Skeleton,
    fraction: float,
) -> str:
    """Returns how many wrong modes become right, and how many right joints become wrong modes, in words."""
    counts = np.zeros(4, int)
    for with_fusion, without in zip(better, worse):
        for clip, other in zip(with_fusion, in_order(without, with_fusion)):
            after = error_places.classify(clip, skeleton, fraction)
            before = error_places.classify(other, skeleton, fraction)
            was_wrong = np.isin(before, error_places.WRONG_MODES)
            was_right = before == error_places.RIGHT
            counts += [
                (was_wrong & (after == error_places.RIGHT)).sum(),
                was_wrong.sum(),
                (was_right & np.isin(after, error_places.WRONG_MODES)).sum(),
                was_right.sum(),
            ]
    return f"{counts[0]} of {counts[1]} wrong modes become right, {counts[2]} of {counts[3]} right joints wrong modes"


def predict_first_head(run: Training, folder: str) -> list[ClipPredictions]:
    """Predicts the test frames of a run with the head that reads the trunk; keeps the predictions in a folder."""
    path = os.path.join(folder, f"{os.path.basename(os.path.normpath(run.run_dir))}-first-head.npz")
    if os.path.exists(path):
        return predictions.load(path, run.skeleton)[1]
    model, config, skeleton = trained.load_model(run.run_dir)
    maps = model.get_layer("trunk_heatmaps").output
    # The predictor looks for an output of this name.
    maps = keras.layers.Activation("linear", dtype="float32", name="heatmaps")(maps)
    head = keras.Model(model.input, {"heatmaps": maps})
    clips = open_tests(run.run_dir)
    found = run_predictions.predict_clips(Predictor(head, skeleton, config.model.input_size_hw), clips)
    predictions.save(path, skeleton, found)
    return found
