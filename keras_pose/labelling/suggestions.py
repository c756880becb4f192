"""Suggested frames with their starting labels: what the writers for labelling tools write."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
import os
from collections.abc import Iterator, Mapping

import numpy as np

from keras_pose import files
from keras_pose.labelling.frame_scores import REASONS
from keras_pose.media.video import VideoFrames
from keras_pose.poses.video_poses import ModelFacts, VideoFacts
from keras_pose.skeleton import Skeleton

_MOST_KEPT_BYTES = 256 << 20
_NOTEWORTHY = 0.75  # a sign that is larger than that of three quarters of all frames is a reason


@dataclasses.dataclass(frozen=True, eq=False)
class SuggestedFrame:
    """A frame to label.

    Args:
      clip: name of its video in `Suggestions.videos`.
      number: its number in the video, from 0.
      time_s: its time, in s; NaN if unknown.
      worth: how much a label would teach, 0 to 1.
      signs: {name of a sign: its rank among all frames, 0 to 1} (`frame_scores.rank_signs`).
      joints: float32 [J, 2], the starting labels, px of the upright frame; NaN: none.
      confidences: float32 [J], how sure they are, 0 to 1.
      carried: bool [J], whether a joint was carried from a label nearby; otherwise the net predicted it.
    """

    clip: str
    number: int
    time_s: float
    worth: float
    signs: Mapping[str, float]
    joints: np.ndarray
    confidences: np.ndarray
    carried: np.ndarray

    def describe(self) -> str:
        """Returns why the frame was chosen: its signs, the largest first, separated by semicolons."""
        if self.carried.any():
            return "next to a label"
        order = sorted(self.signs, key=lambda name: -self.signs[name])
        named = [REASONS[name] for name in order if self.signs[name] >= _NOTEWORTHY]
        return "; ".join(named) or "differs from the others"


@dataclasses.dataclass(frozen=True, eq=False)
class Suggestions:
    """Suggested frames of several videos.

    Args:
      frames: `SuggestedFrame`s, sorted by clip and number.
      videos: {name of the clip: `VideoFacts`}, of all videos with a suggested frame.
      skeleton: the joints.
      model: what predicted.
      kept: pictures that were read already, by clip and number.
    """

    frames: list[SuggestedFrame]
    videos: Mapping[str, VideoFacts]
    skeleton: Skeleton
    model: ModelFacts
    kept: dict[tuple[str, int], np.ndarray] = dataclasses.field(default_factory=dict)

    def of_clip(self, clip: str) -> list[SuggestedFrame]:
        """Returns the frames of a clip, in order."""
        return [frame for frame in self.frames if frame.clip == clip]

    def picture_name(self, frame: SuggestedFrame) -> str:
        """Returns `img0012.png`: all names of a clip have as many digits as its number of frames needs."""
        largest = max([self.videos[frame.clip].num_frames, *(f.number + 1 for f in self.of_clip(frame.clip))])
        digits = max(1, math.ceil(math.log10(largest)))
        return f"img{frame.number:0{digits}d}.png"

    def pictures(self) -> Iterator[tuple[SuggestedFrame, np.ndarray]]:
        """Yields (frame, uint8 RGB [H, W, 3]) of every frame; reads each video once, and keeps what fits into memory.

        Raises:
          ValueError: if a frame cannot be read; the message names file and frame.
        """
        for clip in self.videos:
            video = None
            for frame in self.of_clip(clip):
                picture = self.kept.get((clip, frame.number))
                if picture is None:
                    video = video or VideoFrames(self.videos[clip].path)
                    picture = video.read([frame.number])[0]
                    if sum(other.nbytes for other in self.kept.values()) < _MOST_KEPT_BYTES:
                        self.kept[clip, frame.number] = picture
                yield frame, picture
            if video is not None:
                video.close()


def write_table(path: str | os.PathLike[str], suggestions: Suggestions) -> None:
    """Writes a CSV table of the frames, the most worth a label first, with the reasons."""
    names = [name for name in REASONS if any(name in frame.signs for frame in suggestions.frames)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["clip", "frame", "time_s", "worth", *names, "carried_joints", "reasons"])
    for frame in sorted(suggestions.frames, key=lambda f: (-f.worth, f.clip, f.number)):
        time = f"{frame.time_s:.3f}" if math.isfinite(frame.time_s) else ""
        ranks = [f"{frame.signs[name]:.3f}" if name in frame.signs else "" for name in names]
        row = [frame.clip, frame.number, time, f"{frame.worth:.3f}", *ranks, int(frame.carried.sum())]
        writer.writerow([*row, frame.describe()])
    files.write_text(path, out.getvalue())
