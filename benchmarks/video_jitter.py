"""Do poses of whole videos tremble less, at no cost in error?

`python -m benchmarks.video_jitter --run_dirs=<run>[,<run>…] [--data=<source>] [--clips=<file>]
[--figure=<file> [--joint=<name>] [--figure_clip=<clip>] [--figure_frames=180]] [--quick] [--json=<file>]`

The first run is the one that the others are compared with (a net of single frames; then flowing ones). By default the
clips are those that the first run kept out of training.

- Errors are those of `evaluate.py`: each labelled frame with its own window. Labelled images past the end of what a
  video decodes to have no neighbours; a flowing net sees them alone. They count as the others do.
- Jitter is measured on the video itself: every frame that decodes goes through `StreamingPredictor` (centred), the
  same way for all runs. It is the mean over joints and frames of |p(t−1) − 2·p(t) + p(t+1)| in px of the frame. True
  movement adds to it, the same to all runs.
- Labels are sparse, so their own jitter cannot be measured; `benchmarks.label_noise` bounds how well they repeat, on
  all clips of the source. Differences in error far below that are still differences between runs (the labels are the
  same), but the error itself cannot come below it.

Intervals are 95 % bootstraps over clips, the same clips drawn for both runs of a comparison.
"""

from __future__ import annotations

import os

import numpy as np

from benchmarks import label_noise
from benchmarks.common import harness
from benchmarks.common.video_predictions import predict_run, stream_offset_px
from benchmarks.figures import video_jitter_figure
from keras_pose.evaluation import accuracy, bootstrap, measures, scoring
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.runs import run_directory
from keras_pose.viz import pictures

JITTER_TARGET = "<= 0.8"
ERROR_TARGET = "<= 0"
QUICK_FRAMES = 40
_METRIC = "mean_error_px"


def parse_arguments(argv=None):
    """Reads the command line; `run_dirs` is a list of different runs."""
    parser = harness.make_parser("Error and jitter of single-frame and flowing nets on whole videos.")
    parser.add_argument("--run_dirs", required=True, help="runs with commas between; the first is compared with")
    parser.add_argument("--data", default="", help="what to score on, as in evaluate.py; default: the first run's")
    parser.add_argument("--clips", default="", metavar="FILE", help="clip names, one a line; default: kept-out ones")
    parser.add_argument("--figure", metavar="FILE", help="also draw one joint over time to this PNG")
    parser.add_argument("--joint", default="", help="the joint to draw; default: that which moves most up and down")
    parser.add_argument("--figure_clip", default="", metavar="CLIP", help="default: that with most labels close by")
    parser.add_argument("--figure_frames", type=int, default=180, help="frames to draw; default 180")
    arguments = parser.parse_args(argv)
    arguments.run_dirs = [os.path.normpath(path.strip()) for path in arguments.run_dirs.split(",") if path.strip()]
    if not arguments.run_dirs or len(set(arguments.run_dirs)) < len(arguments.run_dirs):
        parser.error(f"--run_dirs: expected one or more different runs, received {arguments.run_dirs}")
    if arguments.figure_frames < 3:
        parser.error(f"--figure_frames: expected at least 3, received {arguments.figure_frames}")
    return arguments


def jitter_measures(predictions) -> measures.Measures:
    """Sums and counts of second differences, all joints of a clip in one, for the bootstrap over clips."""
    counts = np.array([(len(clip.frames) - 2) * clip.num_joints for clip in predictions], np.float64)
    sums = counts * [accuracy.jitter_px([clip]) for clip in predictions]
    return measures.Measures(("jitter_px",), sums[:, None, None], counts[:, None, None], "clips")


def jitter_ratio(a, b):
    """Returns the jitter of a over that of b, and its interval over clips, (None, None) for a single clip.

    Args:
      a, b: lists of `ClipPredictions` of the same videos, in the same order.
    """
    both = [jitter_measures(run) for run in (a, b)]
    ratio = accuracy.jitter_px(a) / accuracy.jitter_px(b)
    if len(a) < 2:
        return ratio, (None, None)
    draws = [[measures.pooled_means(*drawn) for drawn in bootstrap.resampled(m)] for m in both]
    draws = [np.concatenate(parts) for parts in draws]
    return ratio, tuple(bootstrap.limits(draws[0] / draws[1], bootstrap.LEVEL)[0])


def run_rows(name, at_labels, streamed, skeleton) -> list:
    """Returns the rows of one run."""
    table = measures.build_measures(at_labels, skeleton)
    error = measures.pooled_means(*table.weighted(np.ones((1, table.num_units))))[0, 0]
    frames = sum(len(clip.frames) for clip in at_labels)
    limits = bootstrap.intervals(table, {})[_METRIC]
    rows = [harness.Row(f"{name}: mean error at {frames} labelled frames", error, "px", *limits)]
    limits = bootstrap.intervals(jitter_measures(streamed), {})["jitter_px"] if len(streamed) > 1 else (None, None)
    frames = sum(len(clip.frames) for clip in streamed)
    rows.append(harness.Row(f"{name}: jitter over {frames} frames", accuracy.jitter_px(streamed), "px", *limits))
    offset = stream_offset_px(at_labels, streamed)
    if offset is not None:
        rows.append(harness.Row(f"{name}: distance of stream and window at labelled frames", offset, "px"))
    return rows


def comparison_rows(name, run, first_name, first, skeleton, targets=True) -> list:
    """Returns the rows of a run against the first one; both are pairs that `predict_run` returns."""
    paired = bootstrap.paired_difference(run[0], first[0], _METRIC, skeleton)
    ratio, limits = jitter_ratio(run[1], first[1])
    error_target, jitter_target = (ERROR_TARGET, JITTER_TARGET) if targets else (None, None)
    return [
        harness.Row(
            f"{name} − {first_name}: mean error", paired["difference"], "px", *paired["interval"], error_target
        ),
        harness.Row(f"{name} / {first_name}: jitter", ratio, "of 1", *limits, jitter_target),
    ]


def make_rows(predicted, skeleton, targets=True) -> list:
    """Returns the rows of all runs.

    Args:
      predicted: dict run -> what `predict_run` returns; the first is compared with.
      skeleton: `Skeleton` of all.
      targets: whether the comparisons have targets.
    """
    names = short_names(list(predicted))
    rows = [row for path, run in predicted.items() for row in run_rows(names[path], *run, skeleton)]
    first, *others = predicted
    for path in others:
        rows += comparison_rows(names[path], predicted[path], names[first], predicted[first], skeleton, targets)
    return rows


def short_names(paths) -> dict:
    """Returns path -> the last parts of it, as many as tell all paths apart."""
    names, depth = [], 0
    while len(set(names)) < len(set(paths)):
        depth += 1
        names = [os.sep.join(path.split(os.sep)[-depth:]) for path in paths]
    return dict(zip(paths, names))


def main(argv=None):
    arguments = parse_arguments(argv)
    first = arguments.run_dirs[0]
    spec, part, clips = scoring.choose_clips(
        first, EvaluateConfig(run_dir=first, data=arguments.data, clips=arguments.clips)
    )
    clips = [clip for clip in clips if clip.num_labelled]
    _, config, skeleton = run_directory.open_run(first)
    for run_dir in arguments.run_dirs:
        scoring.warn_if_trained_on(run_dir, spec, clips)
    print(f"{len(clips)} clips of {spec}, {part}")
    most_frames = QUICK_FRAMES if arguments.quick else None
    predicted = {run_dir: predict_run(run_dir, clips, most_frames) for run_dir in arguments.run_dirs}
    rows = make_rows(predicted, skeleton, targets=not arguments.quick)
    rows += label_noise.make_rows(label_noise.open_clips(spec, config))
    harness.report("video_jitter", rows, arguments)
    if arguments.figure:
        names = short_names(arguments.run_dirs)
        streamed = {names[run_dir]: videos for run_dir, (_, videos) in predicted.items()}
        place = video_jitter_figure.choose(
            streamed, skeleton, arguments.joint, arguments.figure_clip, arguments.figure_frames
        )
        pictures.save_png(arguments.figure, video_jitter_figure.draw(streamed, skeleton, *place))


if __name__ == "__main__":
    main()
