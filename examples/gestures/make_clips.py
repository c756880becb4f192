"""Draws labelled clips of synthetic signers, so that the example runs without a camera.

`python -m examples.gestures.make_clips --output=runs/gesture_clips` writes `train/` and `test/`, each with a video per
clip and `labels.csv`. This is the only file here that needs keras_pose; your own clips do not.

The label follows from the true joints in the first and the last frame. A hand's height is the height of its wrist above
the middle of the shoulders, in shoulder widths. The hand goes up or down if its height changes by MOVED or more, and
stays if it changes by STAYED or less. Clips with a change in between, or with one hand going up and the other down, are
left out. A clip played backwards shows the opposite gesture, so a single frame is not enough.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from keras_pose import files
from keras_pose.data.synthetic import signers
from keras_pose.media.video import write_video

MOVED = 0.4  # shoulder widths
STAYED = 0.2  # shoulder widths
GESTURES = {  # by the motion of the right and the left hand: 1 up, -1 down, 0 stay
    (0, 0): "still",
    (1, 0): "right_up",
    (-1, 0): "right_down",
    (0, 1): "left_up",
    (0, -1): "left_down",
    (1, 1): "both_up",
    (-1, -1): "both_down",
}
FIRST_SIGNER = 10_000  # pose nets are trained and tested on signers with lower numbers
MAX_MISSES = 2_000  # signers in a row without a missing gesture


def name_gesture(joints: np.ndarray) -> str | None:
    """Names the gesture of a clip by the true motion of its joints.

    Args:
      joints: float32 [T, J, 2], (x, y) in px, of `signers.SKELETON`.

    Returns:
      A value of GESTURES, or None if the clip clearly shows none of them.
    """
    # Measure the change of both hands' heights.
    place = {name: joints[:, number] for number, name in enumerate(signers.SKELETON.joints)}
    middle = (place["right_shoulder"] + place["left_shoulder"]) / 2
    width = np.linalg.norm(place["right_shoulder"] - place["left_shoulder"], axis=-1).mean()
    heights = np.stack([middle[:, 1] - place[f"{side}_wrist"][:, 1] for side in ("right", "left")], -1) / width
    change = heights[-1] - heights[0]
    # Look up the gesture, unless a change is neither small nor large.
    if not ((np.abs(change) >= MOVED) | (np.abs(change) <= STAYED)).all():
        return None
    directions = np.where(np.abs(change) >= MOVED, np.sign(change), 0)
    return GESTURES.get(tuple(directions.astype(int).tolist()))


def find_clips(
    split: str, per_gesture: int, num_frames: int, size_hw: tuple[int, int]
) -> Iterator[tuple[signers.SignerClip, str]]:
    """Goes through the signers of a split until it has found enough clips of each gesture.

    Args:
      split: one of `signers.SPLITS`.
      per_gesture: clips of each gesture.
      num_frames: T.
      size_hw: (height, width) in px.

    Yields:
      (clip, gesture), each of another signer.

    Raises:
      ValueError: if MAX_MISSES signers in a row show none of the missing gestures; the clips may be too short.
    """
    missing = dict.fromkeys(GESTURES.values(), per_gesture)
    index = FIRST_SIGNER
    misses = 0
    while any(missing.values()):
        if misses == MAX_MISSES:
            names = ", ".join(name for name, count in missing.items() if count)
            raise ValueError(f"none of {misses} signers shows {names} in {num_frames} frames; try more --frames")
        clip = signers.generate(split, index, num_frames, size_hw)
        gesture = name_gesture(clip.joints)
        if gesture is not None and missing[gesture]:
            missing[gesture] -= 1
            misses = 0
            yield clip, gesture
        else:
            misses += 1
        index += 1


def write_clips(folder: str, clips: Iterable[tuple[signers.SignerClip, str]], fps: float = 25.0) -> int:
    """Writes a video for each clip and then `labels.csv`.

    Args:
      folder: created if it does not exist.
      clips: pairs of clip and gesture.
      fps: frames per second.

    Returns:
      The number of clips.
    """
    rows = ["file,label"]
    for clip, gesture in clips:
        rows.append(f"{clip.name}.avi,{gesture}")
        write_video(os.path.join(folder, f"{clip.name}.avi"), clip.frames, fps)
    files.write_text(os.path.join(folder, "labels.csv"), "\n".join(rows) + "\n")
    return len(rows) - 1


def check_minimum(**options: tuple[int, int]) -> None:
    """Checks options against their minimum: option=(value, minimum).

    Raises:
      ValueError: if a value is below its minimum.
    """
    for name, (value, minimum) in options.items():
        if value < minimum:
            raise ValueError(f"--{name}: expected {minimum} or more, received {value}")


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="make_clips", description="Draws labelled clips of synthetic signers.")
    parser.add_argument("--output", required=True, help="folder to write train/ and test/ to")
    parser.add_argument("--train", type=int, default=60, help="training clips of each gesture (default: %(default)s)")
    parser.add_argument("--test", type=int, default=40, help="test clips of each gesture (default: %(default)s)")
    parser.add_argument("--frames", type=int, default=12, help="frames per clip (default: %(default)s)")
    parser.add_argument("--size", type=int, default=128, help="height and width of a frame, px (default: %(default)s)")
    options = parser.parse_args(argv)
    try:
        check_minimum(train=(options.train, 1), test=(options.test, 1), frames=(options.frames, 2))
        for split, count in (("train", options.train), ("test", options.test)):
            clips = find_clips(split, count, options.frames, (options.size, options.size))
            folder = os.path.join(options.output, split)
            print(f"{write_clips(folder, clips)} clips of {len(GESTURES)} gestures in {folder}")
    except (ValueError, OSError) as error:
        sys.exit(f"make_clips: {error}")


if __name__ == "__main__":
    main()
