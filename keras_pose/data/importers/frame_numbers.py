"""Compares labelled images with the video frames that the numbers in their file names point to.

Images that were cut from a video by seeking may have a wrong number (see `keras_pose.media.video`): a number past the
end, or the number of a frame that shows something else. A window around such a number would train on the neighbours of
another frame.

A video that says how it is turned is read upright. Its images may have been cut as it is stored: older versions of
OpenCV ignore the turn. Then images and labels are turned like the video.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_pose.media.images import image_size, read_image
from keras_pose.media.orientation import STORED, swaps_sides, turn_points, turn_upright

if TYPE_CHECKING:
    from keras_pose.data.importers.label_rows import LabelRow
    from keras_pose.media.video import VideoFrames

_DIFFERS = 4.0  # mean grey levels; the same frame after another compression stays below
_EQUALS = 1.0  # mean grey levels; neighbouring frames of a still scene come near this, so the nearest one is taken


def find_turn(video: VideoFrames, rows: Sequence[LabelRow], positions: Sequence[int]) -> int:
    """Finds out how the images must be turned to lie like the frames of the video.

    The size of the images tells it if the video is turned by 90° and its sides differ. Otherwise the images are
    compared with the frames of their numbers.

    Returns:
      1 if the images lie like the upright frames, else the orientation of the video: they lie as it is stored.
    """
    if video.orientation == STORED:
        return STORED
    stored_hw = _turned_size(video.size_hw, video.orientation)
    if stored_hw != tuple(video.size_hw):
        sizes = _sizes(rows)
        return video.orientation if stored_hw in sizes and tuple(video.size_hw) not in sizes else STORED
    votes = 0
    for row, position in sorted(enumerate(positions), key=lambda pair: pair[1]):
        image = _read(rows[row], video)
        if image is not None and video.has_frame(position):
            frame = video.read([position])[0]
            votes += np.sign(_difference(image, frame) - _difference(turn_upright(image, video.orientation), frame))
    return video.orientation if votes > 0 else STORED


def describe_sizes(video: VideoFrames, rows: Sequence[LabelRow], turn: int = STORED) -> str:
    """Describes the sizes of images and video if all readable images differ in size from the video; else ""."""
    sizes = {_turned_size(size_hw, turn) for size_hw in _sizes(rows)}
    if not sizes or tuple(video.size_hw) in sizes:
        return ""
    height, width = min(sizes)
    video_height, video_width = video.size_hw
    text = f"the images have {height}×{width} px (height×width), the video {video_height}×{video_width}"
    if (height, width) == (video_width, video_height):
        return f"{text}: they are turned by 90°, which the video does not state"
    if abs(height * video_width - width * video_height) <= max(height, width, video_height, video_width):
        return f"{text}: they are scaled by {height / video_height:.3g}"
    if height <= video_height and width <= video_width:
        return f"{text}: they are cropped"
    return text


def turn_rows(video: VideoFrames, rows: Sequence[LabelRow], turn: int) -> list[str]:
    """Turns the points of rows whose images lie as the video is stored; returns a note about it, if so."""
    if turn == STORED:
        return []
    stored_hw = _turned_size(video.size_hw, turn)
    for row in rows:
        row.points = turn_points(row.points, turn, stored_hw)
    return [
        f"{video.path} is turned when it is played (orientation {turn}), and the images were cut before the turn: "
        "images and labels are turned like the video"
    ]


def correct_positions(
    video: VideoFrames,
    rows: Sequence[LabelRow],
    positions: Sequence[int],
    find_past_end: bool = False,
    turn: int = STORED,
) -> tuple[list[int] | None, list[str]]:
    """Corrects the position of each image that does not show the frame of its number.

    Args:
      video: the video that the images were cut from.
      rows: the labelled images.
      positions: the number in the file name of each image.
      find_past_end: whether to search the video also for images whose number is past its end.
      turn: how the images are turned to lie like the video (`find_turn`).

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
        elif _difference(_read(rows[row], video, turn), video.read([position])[0]) > _DIFFERS:
            wrong.append(row)
    if len(wrong) > (len(rows) - len(past)) / 2:
        what = f"{len(wrong)} of {len(rows)} images show another frame of {video.path} than their number says"
        return None, [f"{what}, so the video is not used and the images have no neighbours in time"]
    # Search the whole video for the others.
    wanted = wrong + (past if find_past_end else [])
    corrected = list(positions)
    notes = []
    for row, position in _find(video, {row: _read(rows[row], video, turn) for row in wanted}).items():
        if position not in corrected:
            corrected[row] = position
            notes.append(f"{_name(rows[row])} shows frame {position} of {video.path}, and is used as that frame")
    # Note what was not found.
    lost = [row for row in wrong if corrected[row] == positions[row]]
    if lost:
        names = ", ".join(_name(rows[row]) for row in lost)
        notes.append(f"{names}: expected the frame of {video.path} that the number names, but the image shows another")
    absent = [positions[row] for row in past if corrected[row] == positions[row]]
    past = [position for position in absent if position not in video.missing]
    damaged = [position for position in absent if position in video.missing]
    if past:
        notes.append(
            f"frame {', '.join(map(str, past))} past the end of {video.path}, which decodes to {video.num_frames} "
            "frames; used without neighbours"
        )
    if damaged:
        frames = ", ".join(map(str, damaged))
        notes.append(f"frame {frames} of {video.path} is damaged; its image is used without neighbours")
    return corrected, notes


def _find(video, images):
    """Compares images {key: image} with every frame of the video; returns {key: position} of those that equal one."""
    images = {key: image for key, image in images.items() if image is not None}
    nearest = dict.fromkeys(images, (np.inf, None))
    for position, frame in video.numbered() if images else ():
        if frame is None:
            continue
        for key, image in images.items():
            nearest[key] = min(nearest[key], (_difference(image, frame), position))
    return {key: position for key, (difference, position) in nearest.items() if difference < _EQUALS}


def _read(row, video, turn=STORED):
    """The image of a row, or None if it cannot be compared; validation reports what is wrong with it."""
    try:
        image = turn_upright(read_image(row.image), turn)
    except ValueError:
        return None
    return image if image.shape[:2] == video.size_hw else None


def _sizes(rows):
    """The sizes of all images that can be read; validation reports the others."""
    sizes = set()
    for row in rows:
        if os.path.isfile(row.image):
            try:
                height, width = image_size(row.image)
            except ValueError:
                continue
            sizes.add((int(height), int(width)))
    return sizes


def _turned_size(size_hw, turn):
    height, width = size_hw
    return (width, height) if swaps_sides(turn) else (height, width)


def _difference(image, frame):
    # Every fourth row and column tells frames apart, at a sixteenth of the cost.
    return 0.0 if image is None else float(np.abs(image[::4, ::4].astype(np.int16) - frame[::4, ::4]).mean())


def _name(row):
    return os.path.basename(row.image)
