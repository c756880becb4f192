"""Pictures of FLIC with two people, each a red and a green dot on the left and the right wrist."""

from __future__ import annotations

import pathlib

import cv2
import numpy as np

from tests.helpers import picture_sets
from tests.helpers.dots import dots

SIZE_HW = (96, 160)
SPREAD_PX = 2.5
# Wrists of the people of each picture: left (red) and right (green), in px from 0; people near the border are cut off.
PEOPLE = (
    (((40.0, 50.0), (24.0, 44.0)), ((130.0, 52.0), (112.0, 40.0))),
    (((70.0, 40.0), (52.0, 60.0)),),
    (((21.0, 30.0), (5.0, 62.0)),),
    (((150.0, 30.0), (139.0, 70.0)),),
)


def write(folder: pathlib.Path) -> pathlib.Path:
    """Writes the set; all four pictures are of one film, the last two in the test part."""
    examples = []
    for number, people in enumerate(PEOPLE):
        picture = np.zeros((*SIZE_HW, 3), np.uint8)
        for wrists in people:
            picture = np.maximum(picture, dots(SIZE_HW, *wrists, SPREAD_PX))
            coords = np.full((2, 29), np.nan)
            coords[:, [2, 5]] = np.transpose(wrists) + 1  # px of the file count from 1
            middle = np.mean(wrists, 0)[0] + 1
            examples.append(
                picture_sets.flic_example(
                    frame=number,
                    part="test" if number > 1 else "train",
                    coords=coords,
                    imgdims=np.array([*SIZE_HW, 3], np.uint16),
                    torsobox=np.array([middle - 8, 30, middle + 8, 60]),
                    filepath=f"hitch-{number:08d}.png",
                )
            )
        (folder / "images").mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / "images" / f"hitch-{number:08d}.png"), picture[..., ::-1])
    picture_sets.write_flic(folder, examples, pictures=False)
    return folder
