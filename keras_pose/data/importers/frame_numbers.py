"""Compares labelled images with the video frames that their numbers name.

Images cut from a video by seeking may carry a wrong number (see `keras_pose.data.video`): a number past the end, or one
whose frame shows something else. A window around such a number would train on the neighbours of another frame.
"""

from __future__ import annotations

import os

import numpy as np

from keras_pose.data.images import read_image

_DIFFERS = 4.0  # mean grey levels; the same frame after another compression stays below
_EQUALS = 1.0  # mean grey levels; neighbouring frames of a still scene come near this, so the nearest one is taken


def check(video, rows, positions, find_past_end=False):
    """Corrects the positions of images that show another frame than their number's.

    Args:
      video: `VideoFrames`.
      rows: `LabelRow`s.
      positions: the number of each row's image.
      find_past_end: whether to look for images with numbers past the end, too.

    Returns:
      The positions, corrected where the image's frame was found, or None where most images show other frames than
      their numbers', so that the video says nothing about them; and notes of what was found.
    """
    past, wrong = [], []
    for row, position in sorted(enumerate(positions), key=lambda pair: pair[1]):
        if not video.has_frame(position):
            past.append(row)
        elif _difference(_read(rows[row], video), video.read([position])[0]) > _DIFFERS:
            wrong.append(row)
    if len(wrong) > (len(rows) - len(past)) / 2:
        what = f"{len(wrong)} of {len(rows)} images show another frame of {video.path} than their number's"
        return None, [f"{what}, so the video is not used and they have no neighbours in time"]
    wanted = wrong + (past if find_past_end else [])
    corrected, notes = list(positions), []
    for row, position in _find(video, {row: _read(rows[row], video) for row in wanted}).items():
        if position not in corrected:
            corrected[row] = position
            notes.append(f"{_name(rows[row])} shows frame {position} of {video.path}, and is taken as that one")
    lost = [row for row in wrong if corrected[row] == positions[row]]
    if lost:
        names = ", ".join(_name(rows[row]) for row in lost)
        notes.append(f"{names}: expected the image to show the frame of its number in {video.path}, it shows another")
    past = [positions[row] for row in past if corrected[row] == positions[row]]
    if past:
        notes.append(
            f"frame {', '.join(map(str, past))} past the end of {video.path}, which decodes to {video.num_frames} "
            "frames; used as single frames, without neighbours"
        )
    return corrected, notes


def _find(video, images):
    """Returns {key: position} of the images that equal a frame of the video, whose every frame is looked at."""
    images = {key: image for key, image in images.items() if image is not None}
    nearest = dict.fromkeys(images, (np.inf, None))
    for position in range(video.num_frames if images else 0):
        frame = video.read([position])[0]
        for key, image in images.items():
            nearest[key] = min(nearest[key], (_difference(image, frame), position))
    return {key: position for key, (difference, position) in nearest.items() if difference < _EQUALS}


def _read(row, video):
    """The image of a row, or None where it cannot be compared; validation reports what is wrong with it."""
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
