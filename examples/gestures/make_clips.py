"""Draws labelled clips of synthetic signers, so that the example runs without a camera.

`python -m examples.gestures.make_clips --output=runs/gesture_clips` writes `train/` and `test/`, each with a video per
clip and `labels.csv`. This is the only file here that needs keras_pose; your own clips do without it.

The gesture is what the hands truly do from the first frame to the last. A hand's height is that of its wrist above the
middle of the shoulders, in widths of the shoulders. It goes up or down where the height changes by MOVED or more, and
stays where it changes by STAYED or less. Clips with a hand in between, or one hand going up and the other one down, are
left out. A clip played backwards shows the opposite gesture: a single frame does not tell.
"""

from __future__ import annotations

import argparse
import os
import sys

import numpy as np

from keras_pose import files
from keras_pose.data.synthetic import signers
from keras_pose.data.video import write_video

MOVED, STAYED = 0.4, 0.2  # widths of the shoulders
GESTURES = {  # by what the right and the left hand do: 1 up, -1 down, 0 stay
    (0, 0): "still",
    (1, 0): "right_up",
    (-1, 0): "right_down",
    (0, 1): "left_up",
    (0, -1): "left_down",
    (1, 1): "both_up",
    (-1, -1): "both_down",
}
FIRST_SIGNER = 10_000  # pose nets are trained and tested on signers below
MAX_IN_VAIN = 2_000  # signers one after the other, none of whom shows a gesture that is missing


def name_gesture(joints) -> str | None:
    """Names the gesture of a clip by the true motion of its joints.

    Args:
      joints: float32 [T, J, 2], (x, y) in px, of `signers.SKELETON`.

    Returns:
      A value of GESTURES, or None where the clip shows none of them clearly.
    """
    place = {name: joints[:, number] for number, name in enumerate(signers.SKELETON.joints)}
    middle = (place["right_shoulder"] + place["left_shoulder"]) / 2
    width = np.linalg.norm(place["right_shoulder"] - place["left_shoulder"], axis=-1).mean()
    heights = np.stack([middle[:, 1] - place[f"{side}_wrist"][:, 1] for side in ("right", "left")], -1) / width
    change = heights[-1] - heights[0]
    if not ((np.abs(change) >= MOVED) | (np.abs(change) <= STAYED)).all():
        return None
    directions = np.where(np.abs(change) >= MOVED, np.sign(change), 0)
    return GESTURES.get(tuple(directions.astype(int).tolist()))


def find_clips(split, per_gesture, num_frames, size_hw):
    """Goes through the signers of a split until each gesture was seen often enough.

    Args:
      split: one of `signers.SPLITS`.
      per_gesture: clips of each gesture.
      num_frames: T.
      size_hw: (height, width) in px.

    Yields:
      (`SignerClip`, gesture), no signer twice.

    Raises:
      ValueError: where MAX_IN_VAIN signers in a row show none of the missing gestures: clips may be too short.
    """
    missing = dict.fromkeys(GESTURES.values(), per_gesture)
    index, in_vain = FIRST_SIGNER, 0
    while any(missing.values()):
        if in_vain == MAX_IN_VAIN:
            names = ", ".join(name for name, count in missing.items() if count)
            raise ValueError(f"none of {in_vain} signers shows {names} in {num_frames} frames; try more --frames")
        clip = signers.generate(split, index, num_frames, size_hw)
        gesture = name_gesture(clip.joints)
        if missing.get(gesture):
            missing[gesture] -= 1
            in_vain = 0
            yield clip, gesture
        else:
            in_vain += 1
        index += 1


def write_clips(folder, clips, fps=25.0):
    """Writes a video for each clip and then `labels.csv`.

    Args:
      folder: created where it is missing.
      clips: iterable of (`SignerClip`, gesture).
      fps: frames a second.

    Returns:
      int, the number of clips.
    """
    rows = ["file,label"]
    for clip, gesture in clips:
        rows.append(f"{clip.name}.avi,{gesture}")
        write_video(os.path.join(folder, f"{clip.name}.avi"), clip.frames, fps)
    files.write_text(os.path.join(folder, "labels.csv"), "\n".join(rows) + "\n")
    return len(rows) - 1


def check_least(**options):
    """Refuses options below their least value (ValueError): option=(value, least)."""
    for name, (value, least) in options.items():
        if value < least:
            raise ValueError(f"--{name}: expected {least} or more, received {value}")


def main(argv=None):
    parser = argparse.ArgumentParser(prog="make_clips", description="Draws labelled clips of synthetic signers.")
    parser.add_argument("--output", required=True, help="folder that gets train/ and test/")
    parser.add_argument("--train", type=int, default=60, help="clips of each gesture to train on (60)")
    parser.add_argument("--test", type=int, default=40, help="clips of each gesture to test on (40)")
    parser.add_argument("--frames", type=int, default=12, help="frames a clip (12)")
    parser.add_argument("--size", type=int, default=128, help="height and width of a frame in px (128)")
    options = parser.parse_args(argv)
    try:
        check_least(train=(options.train, 1), test=(options.test, 1), frames=(options.frames, 2))
        for split, count in (("train", options.train), ("test", options.test)):
            clips = find_clips(split, count, options.frames, (options.size, options.size))
            folder = os.path.join(options.output, split)
            print(f"{write_clips(folder, clips)} clips of {len(GESTURES)} gestures in {folder}")
    except (ValueError, OSError) as error:
        sys.exit(f"make_clips: {error}")


if __name__ == "__main__":
    main()
