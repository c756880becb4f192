"""How far optical flow carries a label: `python -m benchmarks.carried_labels [--run_dir=runs/quickstart] [--clips=40]
[--quick] [--json=<file>]`.

The label of a frame of a synthetic signer is carried forwards and backwards to frames 1, 2, 4 and 8 away, where the
true joints are known. Only joints are counted that `keras-pose suggest` would start from the label: those whose
confidence is high enough. With `--run_dir`, the net of a run predicts the same joints of the same frames.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row
from keras_pose.data.synthetic import signers
from keras_pose.labelling import starting_frames
from keras_pose.labelling.starting_labels import LabelCarrier

AWAY = (1, 2, 4, 8)
_MIDDLE = 8


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Error of labels that optical flow carries to neighbouring frames.")
    parser.add_argument("--run_dir", help="Run whose net is compared; it must have the signers' joints. Default: none.")
    parser.add_argument("--clips", type=int, help="Number of test clips. Default: 40 (quick: 2).")
    parser.add_argument("--flow", default="dis_medium", help="Flow estimator.")
    arguments = parser.parse_args(argv)
    arguments.clips = arguments.clips or (2 if arguments.quick else 40)
    return arguments


def measure(clips: int, carrier: LabelCarrier, predict: object = None) -> dict[int, np.ndarray]:
    """Carries labels of `clips` test signers of 128 px.

    Args:
      clips: number of clips.
      carrier: carries them.
      predict: function of frames that returns joints [N, J, 2]; None: no net.

    Returns:
      {frames away: float [joints, 3]}: error of the carried joint, its confidence, error of the net (NaN without one).
    """
    found: dict[int, list[np.ndarray]] = {away: [] for away in AWAY}
    for index in range(clips):
        signer = signers.generate("test", index, 2 * _MIDDLE + 1)
        predicted = predict(signer.frames) if callable(predict) else np.full_like(signer.joints, np.nan)
        for step in (-1, 1):
            places = _MIDDLE + step * np.arange(_MIDDLE + 1)
            points, confidences = carrier.carry(signer.frames[places], signer.joints[_MIDDLE])
            for away in AWAY:
                place = places[away]
                own = np.linalg.norm(points[away] - signer.joints[place], axis=-1)
                net = np.linalg.norm(predicted[place] - signer.joints[place], axis=-1)
                found[away].append(np.stack([own, confidences[away], net], axis=-1))
    return {away: np.concatenate(parts) for away, parts in found.items()}


def make_rows(found: dict[int, np.ndarray], threshold: float) -> list[Row]:
    """Returns rows of the share of joints that are carried, their mean error, and that of the net."""
    rows = []
    for away, table in found.items():
        sure = (table[:, 1] >= threshold) & np.isfinite(table[:, 0])
        rows.append(Row(f"{away} frames away: joints carried", float(sure.mean()), "share"))
        if sure.any():
            rows.append(Row(f"{away} frames away: error of carried joints", float(table[sure, 0].mean()), "px of 128"))
            if np.isfinite(table[sure, 2]).all():
                rows.append(
                    Row(f"{away} frames away: error of the net there", float(table[sure, 2].mean()), "px of 128")
                )
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    predict = None
    if arguments.run_dir:
        from keras_pose.inference import loading

        model = loading.load(arguments.run_dir)

        def predict(frames):
            return model.predict(frames).joints

    found = measure(arguments.clips, LabelCarrier(arguments.flow), predict)
    harness.report("carried_labels", make_rows(found, starting_frames.SURE), arguments)


if __name__ == "__main__":
    main()
