"""What each version of the signers draws: how they move, how they look, and what is around them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from keras_pose.data.synthetic import lasting_scenery, lively_hands, motion, scenery
from keras_pose.data.synthetic.layers import Layer

Camera = tuple[float, float, float]


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The parts of a version that differ from those of the others.

    Args:
      seed: first number of the seeds of its clips.
      perform: draws the movement, `Poses`, from a generator, a `Body` and the times.
      skin_cloth: share of the signers whose clothes have almost the colour of the skin.
      behind: makes the room and the things behind the signer; arguments of `scenery.background_layers` and the `Look`.
      front: makes the things in front of the signer; arguments of `scenery.occluder_layers`.
      lasting_light: whether shadows lie on the picture, and some pictures are dim.
    """

    seed: int
    perform: Callable[[np.random.Generator, motion.Body, np.ndarray], motion.Poses]
    skin_cloth: float
    behind: Callable[..., list[Layer]]
    front: Callable[..., list[Layer]]
    lasting_light: bool


def _background(rng, camera, size_hw, times, colors, look):
    return scenery.background_layers(rng, camera, size_hw, times, colors)


RECIPES = {
    1: Recipe(20150701, motion.perform, 0.2, _background, scenery.occluder_layers, False),
    2: Recipe(
        20261126,
        lively_hands.perform,
        lasting_scenery.SKIN_CLOTH,
        lasting_scenery.background_layers,
        lasting_scenery.occluder_layers,
        True,
    ),
}
