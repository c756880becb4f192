"""Compares labelled images with the video frames that the numbers in their file names point to.

Images that were cut from a video by seeking may have a wrong number (see `keras_pose.media.video`): a number past the
end, or the number of a frame that shows something else. A window around such a number would train on the neighbours of
another frame.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_pose.media.images import read_image

if TYPE_CHECKING:
    from keras_pose.data.importers.label_rows import LabelRow
    from keras_pose.media.video import VideoFrames

_DIFFERS = 4.0  # mean grey levels; the same frame after another compression stays below
_EQUALS = 1.0  # mean grey levels; neighbouring frames of a still scene come near this, so the nearest one is taken


def correct_positions(
    video: VideoFrames, rows: Sequence[LabelRow], positions: Sequence[int], find_past_end: bool = False
) -> tuple[list[int] | None, list[str]]:
    """Corrects the position of each image that does not show the frame of its number.

    Args:
      video: the video that the images were cut from.
      rows: the labelled images.
      positions: the number in the file name of each image.
      find_past_end: whether to search the video also for images whose number is past its end.

    Returns:
      The positions, corrected for each image whose frame was found. None if most images do not show the frames of
      their numbers: such a video says nothing about them. And notes about what was found.
    """
    # Compare each image with the frame of its number, in rising order: that decodes the video once.
    past = []
    wrong = []
    for row, position in sorted(enumerate(positions), key=lambda pair: pair[1]):
        if not video.has_frame(position):
            past.append(row)
        elif _difference(_read(rows[row], video), video.read([position])[0]) > _DIFFERS:
            wrong.append(row)
    if len(wrong) > (len(rows) - len(past)) / 2:
        what = f"{len(wrong)} of {len(rows)} images show another frame of {video.path} than their number says"
        return None, [f"{what}, so the video is not used and the images have no neighbours in time"]
    # Search the whole video for the others.
    wanted = wrong + (past if find_past_end else [])
    corrected = list(positions)
    notes = []
    for row, position in _find(video, {row: _read(rows[row], video) for row in wanted}).items():
        if position not in corrected:
            corrected[row] = position
            notes.append(f"{_name(rows[row])} shows frame {position} of {video.path}, and is used as that frame")
    # Note what was not found.
    lost = [row for row in wrong if corrected[row] == positions[row]]
    if lost:
        names = ", ".join(_name(rows[row]) for row in lost)
        notes.append(f"{names}: expected the frame of {video.path} that the number names, but the image shows another")
    past = [positions[row] for row in past if corrected[row] == positions[row]]
    if past:
        notes.append(
            f"frame {', '.join(map(str, past))} past the end of {video.path}, which decodes to {video.num_frames} "
            "frames; used without neighbours"
        )
    return corrected, notes


def _find(video, images):
    """Compares images {key: image} with every frame of the video; returns {key: position} of those that equal one."""
    images = {key: image for key, image in images.items() if image is not None}
    nearest = dict.fromkeys(images, (np.inf, None))
    for position in range(video.num_frames if images else 0):
        frame = video.read([position])[0]
        for key, image in images.items():
            nearest[key] = min(nearest[key], (_difference(image, frame), position))
    return {key: position for key, (difference, position) in nearest.items() if difference < _EQUALS}


def _read(row, video):
    """The image of a row, or None if it cannot be compared; validation reports what is wrong with it."""
    try:
        image = read_image(row.image)
    except ValueError:
        return None
    return image if image.shape[:2] == video.size_hw else None


def _difference(image, frame):
    # Every fourth row and column tells frames apart, at a sixteenth of the cost.
    return 0.0 if image is None else float(np.abs(image[::4, ::4].astype(np.int16) - frame[::4, ::4]).mean())


def _name(row):
    return os.path.basename(row.image)
