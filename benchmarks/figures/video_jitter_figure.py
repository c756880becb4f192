"""The figure of `video_jitter`: the y of one joint over some frames of a video, with labelled frames as dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton
from keras_pose.viz.curves import RUN_COLORS
from keras_pose.viz.pictures import FAINT, INK, render, style_axis

_FIRST_COLOR = "#d98b5f"  # the run that all others are compared with: paler, and drawn first
_COLORS = (_FIRST_COLOR, *RUN_COLORS[:1], *RUN_COLORS[2:])


def choose_place(
    streamed: Mapping[str, Sequence[ClipPredictions]],
    skeleton: Skeleton,
    joint: str = "",
    clip: str = "",
    num_frames: int = 180,
) -> tuple[str, range, int]:
    """Chooses what to draw: the frames with the most labels, and the joint that moves most vertically in them.

    Args:
      streamed: predictions of whole videos by run; the first run decides.
      skeleton: their `Skeleton`.
      joint: name of the joint; "": choose.
      clip: name of the clip; "": choose.
      num_frames: largest number of frames to draw.

    Returns:
      The name of the clip, the range of its frames, and the position of the joint.

    Raises:
      ValueError: for an unknown joint or clip.
    """
    videos = next(iter(streamed.values()))
    names = [video.name for video in videos]
    if clip and clip not in names:
        raise ValueError(f"--figure_clip: unknown clip {clip!r}, expected one of {', '.join(names)}")
    if joint and joint not in skeleton.joints:
        raise ValueError(f"--joint: unknown joint {joint!r}, expected one of {', '.join(skeleton.joints)}")
    # Count the labels in every run of frames, and take the first one with the most.
    places = []
    for order, video in enumerate(videos):
        if clip in ("", video.name):
            labelled = np.isfinite(video.truth).all(-1).any(-1)
            length = min(num_frames, len(labelled))
            counts = np.convolve(labelled, np.ones(length, int), mode="valid")
            places.append((counts.max(), -order, int(counts.argmax()), length))
    _, order, start, length = max(places)
    video = videos[-order]
    if joint:
        position = skeleton.joints.index(joint)
    else:
        position = int(video.predicted[start : start + length, :, 1].std(axis=0).argmax())
    return video.name, range(start, start + length), position


def draw(
    streamed: Mapping[str, Sequence[ClipPredictions]], skeleton: Skeleton, clip: str, frames: range, joint: int
) -> np.ndarray:
    """Draws one line for each run.

    Args:
      streamed: predictions of whole videos by run.
      skeleton: their `Skeleton`.
      clip: name of the clip.
      frames: frames to draw.
      joint: position of the joint.

    Returns:
      uint8 [H, W, 3].
    """
    figure = Figure(figsize=(8.4, 4.2), dpi=120, facecolor="white")
    axis = figure.subplots()
    figure.subplots_adjust(left=0.08, right=0.98, bottom=0.13, top=0.78)
    for i, (run, videos) in enumerate(streamed.items()):
        video = next(video for video in videos if video.name == clip)
        y = video.predicted[frames.start : frames.stop, joint, 1]
        axis.plot(list(frames), y, color=_COLORS[i % len(_COLORS)], lw=1.2 if i == 0 else 1.7, label=run)
    truth = video.truth[frames.start : frames.stop, joint, 1]
    axis.plot(list(frames), truth, "o", color=INK, ms=6, mec="white", mew=1, label="labels", zorder=3, clip_on=False)
    _style(axis, frames)
    name = skeleton.joints[joint]
    figure.text(0.03, 0.93, f"{name} in {clip}, frame by frame", fontsize=13, fontweight="bold", color=INK,
                parse_math=False)  # fmt: skip
    figure.text(0.03, 0.875, "every frame of the video is predicted; dots: frames with a label", fontsize=9,
                color=FAINT)  # fmt: skip
    figure.legend(loc="upper left", bbox_to_anchor=(0.02, 0.87), ncols=4, frameon=False, fontsize=9.5, labelcolor=INK)
    return render(figure)


def _style(axis, frames):
    axis.set_xlim(frames.start, frames.stop - 1)
    axis.invert_yaxis()  # y points downwards, as in the picture
    axis.set_xlabel("frame", color=INK)
    axis.set_ylabel("y (px, downwards)", color=INK)
    axis.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    style_axis(axis)
