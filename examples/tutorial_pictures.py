"""The pictures of the tutorial in docs/video.md, from the folder in which its commands were run.

`python -m examples.tutorial_pictures --folder=runs/first --out=docs/images` writes `tutorial_labels.jpg`,
`tutorial_labelled.jpg`, `tutorial_wrist.png` and `tutorial_suggested.jpg`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from keras_pose import ending
from keras_pose.media.images import read_image
from keras_pose.media.video import VideoFrames
from keras_pose.poses import formats
from keras_pose.poses.video_poses import VideoPoses
from keras_pose.viz import pictures

VIDEO = "signer_5"
JOINT = "right_wrist"
_WIDTH_PX = 900
_COLORS = ("#0072b2", "#d55e00")  # x, y


def write_pictures(folder: str, out: str) -> list[str]:
    """Writes the pictures.

    Args:
      folder: folder of the tutorial, with `inspect`, `predictions` and `to_label`; `predictions` has .npz files too.
      out: folder to write to.

    Returns:
      The paths of the pictures.

    Raises:
      ValueError: if a file is missing or cannot be read.
    """
    predictions = os.path.join(folder, "predictions")
    poses = formats.read(os.path.join(predictions, f"{VIDEO}.npz"))
    made = {
        "tutorial_labels.jpg": read_image(os.path.join(folder, "inspect", "contact_sheet.png")),
        "tutorial_labelled.jpg": _join_frames(os.path.join(predictions, f"{VIDEO}_labelled.mp4")),
        "tutorial_wrist.png": draw_joint(poses, poses.skeleton.joints.index(JOINT)),
        "tutorial_suggested.jpg": read_image(os.path.join(folder, "to_label", "suggested.png")),
    }
    os.makedirs(out, exist_ok=True)
    paths = []
    for name, picture in made.items():
        paths.append(os.path.join(out, name))
        image = Image.fromarray(picture)
        image.thumbnail((_WIDTH_PX, _WIDTH_PX))
        image.save(paths[-1], quality=80)
    return paths


def draw_joint(poses: VideoPoses, joint: int) -> np.ndarray:
    """Draws where a joint is over time, the fainter the less sure the net is, and how sure it is below.

    Args:
      poses: of a video; the first person is drawn.
      joint: its number.

    Returns:
      uint8 [H, W, 3].
    """
    points = poses.joints[:, 0, joint]
    sure = (poses.confidences if poses.calibration else poses.scores)[:, 0, joint]
    shades = np.clip(np.nan_to_num(sure), 0.05, 1)  # NaN: nobody is there
    figure = Figure(figsize=(9, 4.2), dpi=100, facecolor="white")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    for axis, color in enumerate(_COLORS):
        above.plot(poses.times_s, points[:, axis], color=color, alpha=0.3)
        above.scatter(poses.times_s, points[:, axis], s=12, color=color, alpha=shades, label="xy"[axis])
    above.set_ylabel("px of the frame")
    above.set_title(f"{poses.skeleton.joints[joint]} of {poses.video.name}", loc="left")
    above.legend(loc="upper right")
    below.plot(poses.times_s, sure, color=pictures.INK)
    below.set(ylim=(0, 1.02), xlabel="time in s", ylabel="score")
    if poses.calibration:
        below.set_ylabel(f"within {poses.calibration['distance_px']:.1f} px")
    for axis in (above, below):
        pictures.style_axis(axis)
    figure.tight_layout()
    return pictures.render(figure)


def _join_frames(path):
    """Three frames of a labelled video beside each other."""
    video = VideoFrames(path)
    numbers = np.linspace(0, video.num_frames - 1, 5).astype(int)[1:-1]
    frames = video.read(numbers)
    video.close()
    return np.hstack(list(frames))


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes what the command line asks for."""
    parser = argparse.ArgumentParser(prog="tutorial_pictures", description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True, help="Folder in which the commands of the tutorial were run.")
    parser.add_argument("--out", required=True, help="Folder to write to, created if it is missing.")
    flags = parser.parse_args(arguments)
    with ending.exit_on_error("tutorial_pictures"):
        print(*write_pictures(flags.folder, flags.out), sep="\n")


if __name__ == "__main__":
    main()
