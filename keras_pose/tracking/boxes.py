"""People as boxes per frame: the numbers of their frames, their boxes, and what lies between."""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_pose.tracking.regions import Region


@dataclasses.dataclass(frozen=True, eq=False)
class BoxTrack:
    """The boxes of a person.

    Args:
      name: name of the person.
      frames: int64 [N], rising numbers of frames, from 0.
      boxes: float64 [N, 4], (left, top, width, height) in px.
    """

    name: str
    frames: np.ndarray
    boxes: np.ndarray

    def fill(self, max_gap: int) -> BoxTrack:
        """Returns the track with interpolated boxes where at most `max_gap` frames are missing between two boxes."""
        missing = np.diff(self.frames) - 1
        starts = np.flatnonzero((missing > 0) & (missing <= max_gap))
        between = [np.arange(self.frames[n] + 1, self.frames[n + 1]) for n in starts]
        frames = np.sort(np.concatenate([self.frames, *between]))
        boxes = [np.interp(frames, self.frames, side) for side in self.boxes.T]
        return BoxTrack(self.name, frames, np.stack(boxes, -1))


def make_tracks(entries: dict[str, dict[int, Region]]) -> list[BoxTrack]:
    """Makes tracks of boxes by name and frame, in the order of the names: numbers first, by their value."""
    tracks = []
    for name in sorted(entries, key=lambda text: (not text.isdecimal(), int(text) if text.isdecimal() else 0, text)):
        frames = sorted(entries[name])
        boxes = np.array([entries[name][frame] for frame in frames], np.float64).reshape(-1, 4)
        tracks.append(BoxTrack(name, np.array(frames, np.int64), boxes))
    return tracks
