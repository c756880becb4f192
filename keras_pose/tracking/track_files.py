"""Regions of people whose boxes are in a file: MOT challenge (.txt, .csv) or COCO (.json).

Boxes are known for all frames beforehand, so regions depend on nothing else. A region is the box, enlarged by a factor
and brought to the shape of the input; it stays still while the box fits into it (`steady_region`), since boxes tremble.
"""

from __future__ import annotations

import os

import numpy as np

from keras_pose.tracking.boxes import BoxTrack
from keras_pose.tracking.coco_boxes import read_coco_boxes
from keras_pose.tracking.follow_settings import FollowSettings
from keras_pose.tracking.mot_file import read_mot
from keras_pose.tracking.region_shapes import FrameShape
from keras_pose.tracking.regions import Region, RegionSource
from keras_pose.tracking.steady_region import keep_or_move

# Signers fill nine tenths of the frames that nets learn them from. Their mean error is 2.3 px of 128 at 1.0, 2.2 at 1.1
# and 3.0 at 1.25, and a region at 1.0 moves with nearly every frame.
PADDING = 1.15
MAX_GAP = 12  # frames
_STEADY = FollowSettings(margin=0.02, size_change=1.2, size_step=1e9)


class TrackedBoxes(RegionSource):
    """People whose boxes are known.

    Args:
      tracks: the boxes of each person.
      shape: the frame and the aspect of the input.
      padding: factor by which boxes are enlarged.
      max_gap: frames without a box that are bridged between two boxes; in longer gaps the person is not there.

    Raises:
      ValueError: if no box overlaps the frame.
    """

    def __init__(
        self, tracks: list[BoxTrack], shape: FrameShape, padding: float = PADDING, max_gap: int = MAX_GAP
    ) -> None:
        self._tracks = [track.fill(max_gap) for track in tracks]
        self._regions = {track.name: _steady_regions(track, shape, padding) for track in self._tracks}
        if not any(np.isfinite(regions).any() for regions in self._regions.values()):
            height, width = shape.size_hw
            raise ValueError(f"expected boxes that overlap the frame of {width}x{height} px, found none")

    @property
    def people(self) -> tuple[str, ...]:
        """The names of all people."""
        return tuple(track.name for track in self._tracks)

    def regions(self, number: int, frame: np.ndarray) -> dict[str, Region]:
        """See `RegionSource.regions`."""
        found = {}
        for track in self._tracks:
            row = int(np.searchsorted(track.frames, number))
            if row < len(track.frames) and track.frames[row] == number:
                left, top, width, height = map(float, self._regions[track.name][row])
                if np.isfinite(left):
                    found[track.name] = (left, top, width, height)
        return found


def open_tracks(
    path: str | os.PathLike[str], shape: FrameShape, padding: float = PADDING, max_gap: int = MAX_GAP
) -> TrackedBoxes:
    """Opens a file of boxes; see `TrackedBoxes`.

    Args:
      path: a file of the MOT challenge (.txt, .csv) or COCO boxes (.json).

    Raises:
      ValueError: if the file is neither, or damaged; the message names the file and the place in it.
      OSError: if it cannot be read.
    """
    name = os.fspath(path)
    if not os.path.isfile(name):
        raise ValueError(
            f"--tracks: expected a file of boxes (MOT challenge .txt, or COCO .json), found no file {name}"
        )
    tracks = read_coco_boxes(name, max_gap) if name.lower().endswith(".json") else read_mot(name)
    if not tracks:
        raise ValueError(f"{name}: expected boxes of people, found none")
    try:
        return TrackedBoxes(tracks, shape, padding, max_gap)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _steady_regions(track, shape, padding):
    """Regions float64 [N, 4] of a track; NaN if its box lies outside the frame."""
    limits = np.array(shape.size_hw[::-1])
    regions = np.full((len(track.frames), 4), np.nan)
    region = None
    for row, box in enumerate(track.boxes):
        low = box[:2]
        high = box[:2] + box[2:]
        if (low >= limits).any() or (high <= 0).any():
            region = None
            continue
        if region is None or (row and track.frames[row] != track.frames[row - 1] + 1):
            region = shape.around(tuple(box), padding)
        else:
            region = keep_or_move(shape, _STEADY, region, (low, high), shape.span(box[2:]) * padding)
        regions[row] = region
    return regions
