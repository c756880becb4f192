"""Draws a contact sheet of synthetic signers, to see at a glance what the nets learn from.

`python -m keras_pose.data.synthetic.contact_sheet --out=signers.png` draws for each clip a row of frames, and the same
row with the joints (hidden ones as rings). The last row is the true flow of the first clip from each frame to the next:
hue for direction, saturation for speed.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from absl import app, flags

from keras_pose import ending, files
from keras_pose.data.clip import VISIBLE
from keras_pose.data.synthetic import signers, versions


def draw_joints(frame: np.ndarray, joints: np.ndarray, visibility: np.ndarray, zoom: int = 1) -> np.ndarray:
    """Draws a skeleton on a magnified frame.

    Args:
      frame: uint8 [H, W, 3].
      joints: float32 [J, 2], frame px.
      visibility: uint8 [J]; hidden joints are drawn as rings.
      zoom: px of the result per frame px.

    Returns:
      uint8 [zoom·H, zoom·W, 3].
    """
    image = _magnify(frame, zoom)
    points = [tuple(int(round(v)) for v in (joint + 0.5) * zoom - 0.5) for joint in joints.astype(float)]
    for start, end in signers.SKELETON.edge_indices():
        cv2.line(image, points[start], points[end], (235, 235, 235), 1)
    for point, color, seen in zip(points, signers.SKELETON.colors, visibility):
        cv2.circle(image, point, 2 + zoom, color, -1 if seen == VISIBLE else 1)
    return image


def color_flow(flow: np.ndarray, full_speed_px: float) -> np.ndarray:
    """Colours a flow field: the hue is its direction, the saturation its length.

    Args:
      flow: float32 [H, W, 2], px.
      full_speed_px: length of full saturation.

    Returns:
      uint8 [H, W, 3], RGB.
    """
    length, angle = cv2.cartToPolar(flow[..., 0], flow[..., 1], angleInDegrees=True)
    hsv = np.stack([angle / 2, np.clip(length / full_speed_px, 0, 1) * 255, np.full_like(length, 255)], -1)
    return cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)


def make_sheet(
    split: str, first: int, num_clips: int, step: int, columns: int, size: int, zoom: int, version: int = 1
) -> np.ndarray:
    """Makes the sheet; the arguments are the flags of this command. Returns uint8 RGB [h, w, 3]."""
    shown = range(0, step * columns, step)
    rows = []
    num_frames = step * columns + 1
    clips = [signers.generate(split, first + n, num_frames, (size, size), version) for n in range(num_clips)]
    for clip in clips:
        rows.append([_magnify(clip.frames[t], zoom) for t in shown])
        rows.append([draw_joints(clip.frames[t], clip.joints[t], clip.visibility[t], zoom) for t in shown])
    full_speed_px = size / 16
    rows.append([_magnify(color_flow(clips[0].flow(t, t + 1), full_speed_px), zoom) for t in shown])
    return np.concatenate([np.concatenate(row, 1) for row in rows], 0)


def _magnify(image, zoom):
    return np.ascontiguousarray(image.repeat(zoom, 0).repeat(zoom, 1))


def define_flags() -> None:
    """Defines the flags of this command; not on import, when they could clash with those of other commands."""
    flags.DEFINE_string("out", "signers.png", "PNG file to write.")
    flags.DEFINE_enum("signers", versions.NAMES[0], versions.NAMES, versions.HELP)
    flags.DEFINE_enum("split", "train", signers.SPLITS, "Split of the clips.")
    flags.DEFINE_integer("first", 0, "Number of the first clip.", lower_bound=0)
    flags.DEFINE_integer("num_clips", 6, "Number of clips, two rows each.", lower_bound=1)
    flags.DEFINE_integer("step", 2, "Frames from one column to the next.", lower_bound=1)
    flags.DEFINE_integer("columns", 8, "Number of columns.", lower_bound=2)
    flags.DEFINE_integer("size", 128, "Height and width of a frame in px.", lower_bound=16)
    flags.DEFINE_integer("zoom", 2, "Sheet px per frame px.", lower_bound=1)


def main(argv: Sequence[str]) -> None:
    """Writes the sheet that the flags ask for."""
    if len(argv) > 1:
        raise app.UsageError(f"expected flags only, received {argv[1:]}")
    with ending.exit_on_error("contact_sheet"):
        sheet = make_sheet(
            flags.FLAGS.split,
            flags.FLAGS.first,
            flags.FLAGS.num_clips,
            flags.FLAGS.step,
            flags.FLAGS.columns,
            flags.FLAGS.size,
            flags.FLAGS.zoom,
            versions.NAMES.index(flags.FLAGS.signers) + 1,
        )
        done, encoded = cv2.imencode(".png", sheet[..., ::-1])
        if not done:
            raise ValueError(f"--out={flags.FLAGS.out}: the sheet of shape {sheet.shape} could not be encoded")
        with files.replace_atomically(flags.FLAGS.out) as temporary, open(temporary, "wb") as file:
            file.write(encoded.tobytes())
        print(f"{flags.FLAGS.out}: {flags.FLAGS.num_clips} clips, {sheet.shape[1]} x {sheet.shape[0]} px")


if __name__ == "__main__":
    define_flags()
    app.run(main)
