"""Does pooling reduce the jitter of poses on whole videos, without more error?

`python -m benchmarks.video_jitter --run_dirs=<run>[,<run>…] [--data=<source>] [--clips=<file>]
[--figure=<file> [--joint=<name>] [--figure_clip=<clip>] [--figure_frames=180]] [--quick] [--json=<file>]`

All runs are compared with the first one (usually a net for single frames, followed by flowing nets). By default, the
clips are those that the first run kept out of training.

- Errors are measured as in `evaluate.py`: each labelled frame with its own window. Labelled images past the end of what
  a video decodes to have no neighbours, so a flowing net sees them alone. They count like the others.
- Jitter is measured on the video itself: every frame that decodes goes through `StreamingPredictor` (centred), in the
  same way for all runs. It is the mean over joints and frames of |p(t−1) − 2·p(t) + p(t+1)| in px of the frame. True
  movement adds to it, equally for all runs.
- Labels are sparse, so their own jitter cannot be measured; `video.label_noise` bounds how well they repeat, on all
  clips of the source. A difference in error far below this bound is still a difference between runs (the labels are the
  same), but the error itself cannot fall below it.

Intervals are 95 % bootstrap intervals over clips; both runs of a comparison use the same draws.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.figures import video_jitter_figure
from benchmarks.video import label_noise
from benchmarks.video.video_predictions import predict_run, stream_offset_px
from keras_pose import files
from keras_pose.evaluation import accuracy, bootstrap, chosen_clips, measures, resampling
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.runs import run_directory
from keras_pose.skeleton import Skeleton
from keras_pose.viz import pictures

JITTER_TARGET = "<= 0.8"
ERROR_TARGET = "<= 0"
QUICK_FRAMES = 40
# Predictions of a run at the labelled frames, each in its window, and of whole videos: as `predict_run` returns them.
RunPredictions = tuple[Sequence[ClipPredictions], Sequence[ClipPredictions]]
_METRIC = "mean_error_px"


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; `run_dirs` becomes a list of different runs."""
    parser = harness.make_parser("Error and jitter of single-frame and flowing nets on whole videos.")
    parser.add_argument("--run_dirs", required=True, help="Runs, separated by commas; all are compared with the first.")
    parser.add_argument("--data", default="", help="Data to score on, as in evaluate.py; by default the first run's.")
    parser.add_argument(
        "--clips", default="", metavar="FILE", help="File of clip names, one per line; by default the clips kept out."
    )
    parser.add_argument("--figure", metavar="FILE", help="Also draw one joint over time to this PNG.")
    parser.add_argument(
        "--joint", default="", help="Joint to draw; by default the one that moves most in the vertical direction."
    )
    parser.add_argument(
        "--figure_clip", default="", metavar="CLIP", help="Clip to draw; by default the one with the densest labels."
    )
    parser.add_argument("--figure_frames", type=int, default=180, help="Number of frames to draw. Default: 180.")
    arguments = parser.parse_args(argv)
    arguments.run_dirs = [os.path.normpath(path) for path in files.split_paths(arguments.run_dirs)]
    if not arguments.run_dirs or len(set(arguments.run_dirs)) < len(arguments.run_dirs):
        parser.error(f"--run_dirs: expected one or more different runs, received {arguments.run_dirs}")
    if arguments.figure_frames < 3:
        parser.error(f"--figure_frames: expected at least 3, received {arguments.figure_frames}")
    return arguments


def measure_jitter(predictions: Sequence[ClipPredictions]) -> measures.Measures:
    """Returns sums and counts of second differences, all joints of a clip in one, for the bootstrap over clips."""
    counts = np.array([(len(clip.frames) - 2) * clip.num_joints for clip in predictions], np.float64)
    sums = counts * [accuracy.jitter_px([clip]) for clip in predictions]
    return measures.Measures(("jitter_px",), sums[:, None, None], counts[:, None, None], "clips")


def pooled_jitter_px(predictions: Sequence[ClipPredictions]) -> float:
    """Returns the jitter over all frames of all videos.

    Raises:
      ValueError: if no video has three consecutive frames.
    """
    jitter_px = accuracy.jitter_px(predictions)
    if jitter_px is None:
        raise ValueError("expected videos of at least 3 frames, received shorter ones")
    return jitter_px


def jitter_ratio(
    a: Sequence[ClipPredictions], b: Sequence[ClipPredictions]
) -> tuple[float, tuple[float | None, float | None]]:
    """Returns the jitter of a divided by the jitter of b, and its interval over clips, (None, None) for fewer than 5.

    Args:
      a, b: predictions of the same videos, in the same order.
    """
    both = [measure_jitter(run) for run in (a, b)]
    ratio = pooled_jitter_px(a) / pooled_jitter_px(b)
    if len(a) < resampling.MIN_GROUPS:
        return ratio, (None, None)
    draws_a, draws_b = (
        np.concatenate([measures.pooled_means(*drawn) for drawn in bootstrap.resampled(table)]) for table in both
    )
    low, high = bootstrap.limits(draws_a / draws_b, bootstrap.LEVEL)[0] or (None, None)
    return ratio, (low, high)


def run_rows(
    name: str, at_labels: Sequence[ClipPredictions], streamed: Sequence[ClipPredictions], skeleton: Skeleton
) -> list[Row]:
    """Returns the rows of one run."""
    table = measures.build_measures(at_labels, skeleton)
    error = measures.pooled_means(*table.weighted(np.ones((1, table.num_rows))))[0, 0]
    frames = sum(len(clip.frames) for clip in at_labels)
    limits = bootstrap.intervals(table, {})[_METRIC]
    rows = [Row(f"{name}: mean error at {frames} labelled frames", error, "px", *limits)]
    enough = len(streamed) >= resampling.MIN_GROUPS
    limits = bootstrap.intervals(measure_jitter(streamed), {})["jitter_px"] if enough else (None, None)
    frames = sum(len(clip.frames) for clip in streamed)
    rows.append(Row(f"{name}: jitter over {frames} frames", pooled_jitter_px(streamed), "px", *limits))
    offset = stream_offset_px(at_labels, streamed)
    if offset is not None:
        rows.append(Row(f"{name}: distance of stream and window at labelled frames", offset, "px"))
    return rows


def comparison_rows(
    name: str, run: RunPredictions, first_name: str, first: RunPredictions, skeleton: Skeleton, targets: bool = True
) -> list[Row]:
    """Returns the rows of a run against the first one."""
    paired = bootstrap.paired_difference(run[0], first[0], _METRIC, skeleton)
    ratio, limits = jitter_ratio(run[1], first[1])
    low, high = paired["interval"]
    error_target, jitter_target = (ERROR_TARGET, JITTER_TARGET) if targets else (None, None)
    return [
        Row(f"{name} − {first_name}: mean error", paired["difference"], "px", low, high, error_target),
        Row(f"{name} / {first_name}: jitter", ratio, "of 1", *limits, jitter_target),
    ]


def make_rows(predicted: Mapping[str, RunPredictions], skeleton: Skeleton, targets: bool = True) -> list[Row]:
    """Returns the rows of all runs.

    Args:
      predicted: predictions by run; all runs are compared with the first.
      skeleton: `Skeleton` of all runs.
      targets: whether the comparisons have targets.
    """
    names = shorten_names(list(predicted))
    rows = [row for path, run in predicted.items() for row in run_rows(names[path], *run, skeleton)]
    first, *others = predicted
    for path in others:
        rows += comparison_rows(names[path], predicted[path], names[first], predicted[first], skeleton, targets)
    return rows


def shorten_names(paths: Sequence[str]) -> dict[str, str]:
    """Returns for each path its last parts, as few as tell all paths apart."""
    names: list[str] = []
    depth = 0
    while len(set(names)) < len(set(paths)):
        depth += 1
        names = [os.sep.join(path.split(os.sep)[-depth:]) for path in paths]
    return dict(zip(paths, names))


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    first = arguments.run_dirs[0]
    spec, part, clips = chosen_clips.choose_clips(
        first, EvaluateConfig(run_dir=first, data=arguments.data, clips=arguments.clips)
    )
    clips = [clip for clip in clips if clip.num_labelled]
    _, config, skeleton = run_directory.open_run(first)
    for run_dir in arguments.run_dirs:
        chosen_clips.warn_if_trained_on(run_dir, spec, clips)
    print(f"{len(clips)} clips of {spec}, {part}")
    most_frames = QUICK_FRAMES if arguments.quick else None
    predicted = {run_dir: predict_run(run_dir, clips, most_frames) for run_dir in arguments.run_dirs}
    rows = make_rows(predicted, skeleton, targets=not arguments.quick)
    rows += label_noise.make_rows(label_noise.open_clips(spec, config.data))
    harness.report("video_jitter", rows, arguments)
    if arguments.figure:
        names = shorten_names(arguments.run_dirs)
        streamed = {names[run_dir]: videos for run_dir, (_, videos) in predicted.items()}
        place = video_jitter_figure.choose_place(
            streamed, skeleton, arguments.joint, arguments.figure_clip, arguments.figure_frames
        )
        pictures.save_png(arguments.figure, video_jitter_figure.draw(streamed, skeleton, *place))


if __name__ == "__main__":
    main()
