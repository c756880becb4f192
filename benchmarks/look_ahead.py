"""Does moving joints on along the flow hide latency better than waiting?

`python -m benchmarks.look_ahead --run_dir=<run> [--clips=40] [--quick] [--json=<file>]`

Live poses are late by the time that prediction and display take. A pose that is shown k frames late is compared with
the true pose of the moment when it is shown: as it is ("waiting"), or moved on by k frames (`--look_ahead`) by several
expectations of the movement: the flow at the joint, the change of its predicted position, or the mean of the two, fully
or by half. Poses come from the causal stream of the run, on synthetic signers that it was not trained on, whose joints
are known in every frame. Intervals are 95 % bootstrap intervals over clips, and both sides of a difference use the same
draws; if it is below 0, moving on is better.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row
from keras_pose.analysis.live_look_ahead import FLOW, MEAN, VELOCITY, LookAhead
from keras_pose.data.clip import Clip
from keras_pose.data.importers import signers
from keras_pose.evaluation import bootstrap, measures
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference import loading
from keras_pose.inference.pose_model import CAUSAL, PoseModel
from keras_pose.skeleton import Skeleton

AHEAD = (1, 2, 3)
WAYS = {f"{method}, gain {gain:g}": (method, gain) for method in (FLOW, VELOCITY, MEAN) for gain in (1.0, 0.5)}
FRAMES = 40  # of a clip
_METRIC = "mean_error_px"


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Error of poses that are shown late, moved on or not.")
    parser.add_argument("--run_dir", required=True, help="Run whose causal stream predicts.")
    parser.add_argument("--clips", type=int, default=40, help="Number of synthetic test clips. Default: 40.")
    return parser.parse_args(argv)


def predict_causally(model: PoseModel, frames: np.ndarray) -> np.ndarray:
    """Returns float32 [N, J, 2]: the joints of each frame, from it and the frames before it."""
    stream = model.stream(CAUSAL)
    poses = [pose for frame in frames for pose in stream.push(frame)] + stream.flush()
    return np.stack([pose.joints for pose in poses])


def shown_late(clip: Clip, joints: np.ndarray, ahead: int) -> ClipPredictions:
    """Returns joints [N, J, 2] of frames of a clip as predictions of the frames `ahead` later."""
    count = len(joints) - ahead
    frames = np.arange(ahead, len(joints))
    scores = np.ones((count, joints.shape[1]), np.float32)
    truth = clip.joints[ahead:]
    return ClipPredictions(clip.name, frames, joints[:count], scores, truth, clip.visibility[ahead:])


def move_on(frames: np.ndarray, joints: np.ndarray, ahead: int, method: str, gain: float) -> np.ndarray:
    """Returns float32 [N, J, 2]: the joints of each frame moved on by `ahead` frames."""
    look_ahead = LookAhead(ahead, method, gain)
    return np.stack([look_ahead.extrapolate(i, frame, pose) for i, (frame, pose) in enumerate(zip(frames, joints))])


def make_rows(model: PoseModel, clips: Sequence[Clip], skeleton: Skeleton, ahead: Sequence[int] = AHEAD) -> list[Row]:
    """Returns the error of waiting, and of each way of moving on minus that, for each number of frames.

    Args:
      model: what predicts.
      clips: clips with a label in every frame.
      skeleton: their skeleton.
      ahead: numbers of frames that poses are late by.
    """
    frames = [clip.frames.read(range(len(clip.joints))) for clip in clips]
    joints = [predict_causally(model, pictures) for pictures in frames]
    rows = []
    for late in (0, *ahead):
        waiting = [shown_late(clip, pose, late) for clip, pose in zip(clips, joints)]
        table = measures.build_measures(waiting, skeleton)
        error = measures.pooled_means(*table.weighted(np.ones((1, table.num_rows))))[0, 0]
        limits = bootstrap.intervals(table, {})[_METRIC]
        rows.append(Row(f"{late} frames late, waiting: mean error", error, "px", *limits))
        for name, (method, gain) in WAYS.items() if late else ():
            moved = [
                shown_late(clip, move_on(pictures, pose, late, method, gain), late)
                for clip, pictures, pose in zip(clips, frames, joints)
            ]
            paired = bootstrap.paired_difference(moved, waiting, _METRIC, skeleton)
            low, high = paired["interval"]
            rows.append(Row(f"  {name} − waiting", paired["difference"], "px", low, high, "< 0"))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    count = 6 if arguments.quick else arguments.clips
    source = signers.read(f"signers:test:{count}", num_frames=FRAMES)
    rows = make_rows(loading.load(arguments.run_dir), source.clips, source.skeleton)
    harness.report("look_ahead", rows, arguments)


if __name__ == "__main__":
    main()
