"""Regions around single people: what a net sees of a picture with several people (`--person_crop`).

Some sets of pictures label one person at a time and tell where this person is: papers score a net that looks there. A
region is (left, top, width, height) in px of the frame, of its edges, as `geometry.CropTransform.fit` takes it: the
centre of the first pixel is at (0.5, 0.5). Labels stay in px of the frame. Loads no NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Region = tuple[float, float, float, float]

AUTO = "auto"
NONE = "none"
SMALLEST = 0.1
LARGEST = 10.0
HELP = (
    "What the net sees of pictures whose labels tell where their person is (FLIC, MPII). auto: a square around each "
    "labelled person, as papers cut it; each person is a clip, also several in one picture. none: whole pictures, of "
    "which only the largest person is read. Or a factor on the side of that square, such as 1.2: larger shows more of "
    "other people, and this one smaller. Labels and errors stay in px of the picture. Ignored for other data."
)


def parse(text: str) -> float | None:
    """Returns the factor on the side of regions that `--person_crop` asks for; None: whole pictures.

    Raises:
      ValueError: if it is neither a word nor a number in range; the message names the flag.
    """
    if text == NONE:
        return None
    if text == AUTO:
        return 1.0
    try:
        factor = float(text)
    except ValueError:
        factor = math.nan
    if not SMALLEST <= factor <= LARGEST:
        raise ValueError(
            f"--person_crop: expected {AUTO}, {NONE} or a factor from {SMALLEST:g} to {LARGEST:g}, received {text!r}"
        )
    return factor


def square(center: Sequence[float], side_px: float) -> Region | None:
    """Returns the square around a point; None if the point or the side is not known.

    Args:
      center: (x, y) in px of the frame, in which the centre of the first pixel is at (0, 0); NaN if unknown.
      side_px: its side; NaN or not above 0 if unknown (files write -1).
    """
    x, y = float(center[0]), float(center[1])
    side = float(side_px)
    if not (math.isfinite(x) and math.isfinite(y) and math.isfinite(side) and side > 0):
        return None
    return (x + 0.5 - side / 2, y + 0.5 - side / 2, side, side)


def enlarge(region: Region, factor: float) -> Region:
    """Returns the region with sides that are `factor` times as long, around the same centre."""
    left, top, width, height = region
    return (
        left + width * (1 - factor) / 2,
        top + height * (1 - factor) / 2,
        width * factor,
        height * factor,
    )


def overlaps(region: Region, size_hw: Sequence[int]) -> bool:
    """Whether a region shows at least a pixel of a frame of (height, width) px."""
    left, top, width, height = region
    return min(left + width, size_hw[1]) - max(left, 0) >= 1 and min(top + height, size_hw[0]) - max(top, 0) >= 1
