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
    """
    missing = dict.fromkeys(GESTURES.values(), per_gesture)
    index = FIRST_SIGNER
    while any(missing.values()):
        clip = signers.generate(split, index, num_frames, size_hw)
        gesture = name_gesture(clip.joints)
        if missing.get(gesture):
            missing[gesture] -= 1
            yield clip, gesture
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


def main(argv=None):
    parser = argparse.ArgumentParser(prog="make_clips", description="Draws labelled clips of synthetic signers.")
    parser.add_argument("--output", required=True, help="folder that gets train/ and test/")
    parser.add_argument("--train", type=int, default=60, help="clips of each gesture to train on (60)")
    parser.add_argument("--test", type=int, default=40, help="clips of each gesture to test on (40)")
    parser.add_argument("--frames", type=int, default=12, help="frames a clip (12)")
    parser.add_argument("--size", type=int, default=128, help="height and width of a frame in px (128)")
    options = parser.parse_args(argv)
    try:
        for split, count in (("train", options.train), ("test", options.test)):
            clips = find_clips(split, count, options.frames, (options.size, options.size))
            folder = os.path.join(options.output, split)
            print(f"{write_clips(folder, clips)} clips of {len(GESTURES)} gestures in {folder}")
    except (ValueError, OSError) as error:
        sys.exit(f"make_clips: {error}")


if __name__ == "__main__":
    main()
