"""How the joints and edges of a skeleton look: colour and shape by side, in colours that all can tell apart.

The palette is that of Okabe and Ito ("Color Universal Design", 2008), made for readers with deficient colour vision.
Left and right differ in colour and in shape, so neither hangs on the other: left joints are discs, right ones squares,
those on the midline diamonds. If there are several people, the colours tell people apart and the shapes sides. If a
skeleton has no sides, the colours tell joints apart.
"""

from __future__ import annotations

import dataclasses
import functools

from keras_pose.skeleton import Skeleton

ORANGE = (230, 159, 0)
SKY_BLUE = (86, 180, 233)
GREEN = (0, 158, 115)
YELLOW = (240, 228, 66)
BLUE = (0, 114, 178)
VERMILLION = (213, 94, 0)
PURPLE = (204, 121, 167)
WHITE = (245, 245, 245)

LEFT_COLOR = SKY_BLUE
RIGHT_COLOR = ORANGE
MIDDLE_COLOR = WHITE
MANY_COLORS = (SKY_BLUE, ORANGE, GREEN, YELLOW, PURPLE, VERMILLION, BLUE)

DISC = "disc"
SQUARE = "square"
DIAMOND = "diamond"

Color = tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Marks:
    """How one person is drawn.

    Args:
      colors: J colours (r, g, b), 0 to 255.
      shapes: J shapes: `DISC`, `SQUARE` or `DIAMOND`.
      edges: (start, end, colour): positions of joints, and the colour of the line.
    """

    colors: tuple[Color, ...]
    shapes: tuple[str, ...]
    edges: tuple[tuple[int, int, Color], ...]


@functools.lru_cache(maxsize=256)
def choose_marks(skeleton: Skeleton, person: int = 0, num_people: int = 1) -> Marks:
    """Chooses colours and shapes.

    Args:
      skeleton: `Skeleton`; its pairs say what is left and right.
      person: which of the people, from 0.
      num_people: number of people in the video.
    """
    sides = _sides(skeleton)
    shapes = tuple({"left": DISC, "right": SQUARE}.get(side, DIAMOND) for side in sides)
    if not skeleton.flip_pairs:
        shapes = (DISC,) * len(sides)
    if num_people > 1:
        own = MANY_COLORS[person % len(MANY_COLORS)]
        return Marks((own,) * len(sides), shapes, tuple((a, b, own) for a, b in skeleton.edge_indices()))
    if not skeleton.flip_pairs:
        colors = tuple(MANY_COLORS[j % len(MANY_COLORS)] for j in range(len(sides)))
        return Marks(colors, shapes, tuple((a, b, WHITE) for a, b in skeleton.edge_indices()))
    of_side = {"left": LEFT_COLOR, "right": RIGHT_COLOR, "": MIDDLE_COLOR}
    edges = []
    for a, b in skeleton.edge_indices():
        # An edge between two sides lies on the midline; one between the midline and a side belongs to the side.
        joined = {sides[a], sides[b]} - {""}
        edges.append((a, b, of_side[joined.pop()] if len(joined) == 1 else MIDDLE_COLOR))
    return Marks(tuple(of_side[side] for side in sides), shapes, tuple(edges))


def _sides(skeleton):
    lefts = {left for left, _ in skeleton.flip_pairs}
    rights = {right for _, right in skeleton.flip_pairs}
    return ["left" if name in lefts else "right" if name in rights else "" for name in skeleton.joints]
