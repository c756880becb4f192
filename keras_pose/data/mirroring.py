"""Which joints swap in a mirrored frame, how often frames are mirrored, and what is shown about it.

Frames are mirrored by default only if each joint is known to swap with another one or to lie on the midline: if a joint
keeps its name on the wrong side, the net learns both sides under one name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_pose.data.config import AugmentationConfig
from keras_pose.skeleton import Skeleton, find_unpaired, read_names

if TYPE_CHECKING:
    from keras_pose.data.augment import Mirroring

_DEFAULT_PROBABILITY = 0.5
_HINT = "name the pairs with --flip_pairs=left1:right1,left2:right2"


def parse_flip_pairs(text: str, data_skeleton: Skeleton) -> tuple[tuple[str, str], ...]:
    """Returns the flip pairs that `--flip_pairs` asks for.

    Args:
      text: auto, none, or left1:right1,left2:right2. Names of joints may contain colons, commas and spaces.
      data_skeleton: the skeleton of the data.

    Raises:
      ValueError: for any other text, an unknown joint, or a joint in two pairs.
    """
    if text == "auto":
        return data_skeleton.flip_pairs
    if text == "none":
        return ()
    joints = data_skeleton.joints
    readings = [names for names in read_names(text, joints, ":,") if len(names) % 2 == 0]
    if not readings:
        raise ValueError(_describe_fault(text, joints))
    if len(readings) > 1:
        raise ValueError(f"--flip_pairs: expected one meaning, received {text!r}, which can be read in several ways")
    names = readings[0]
    if len(set(names)) < len(names):
        raise ValueError(f"--flip_pairs: expected a joint in one pair, received {text!r}")
    return tuple(zip(names[::2], names[1::2]))


def _describe_fault(text, joints):
    pairs = [pair.split(":") for pair in text.split(",")]
    for joint in (name for pair in pairs for name in pair if len(pair) == 2):
        if joint.strip() not in joints:
            return f"--flip_pairs: unknown joint {joint!r}, expected one of {', '.join(joints)}"
    return f"--flip_pairs: expected auto, none, or left1:right1,left2:right2, received {text!r}"


def decide_mirroring(config: AugmentationConfig, run_skeleton: Skeleton) -> Mirroring:
    """Returns how often frames are mirrored, and which joints swap in a mirrored frame.

    Args:
      config: how often to mirror.
      run_skeleton: the joints and their flip pairs.

    Raises:
      ValueError: if mirroring is asked for and the skeleton has no flip pairs.
    """
    from keras_pose.data.augment import Mirroring  # loads TensorFlow

    probability = config.mirror_probability
    if probability is None:
        known = run_skeleton.flip_pairs and not find_unpaired(run_skeleton.joints, run_skeleton.flip_pairs)
        probability = _DEFAULT_PROBABILITY if known else 0.0
    if probability > 0 and not run_skeleton.flip_pairs:
        raise ValueError(
            f"--aug_mirror={probability:g}: skeleton {run_skeleton.name!r} declares no left/right pairs; name them "
            "with --flip_pairs, or set --aug_mirror=0"
        )
    return Mirroring(probability, tuple(run_skeleton.flip_permutation().tolist()) if probability > 0 else ())


def describe_mirroring(config: AugmentationConfig, run_skeleton: Skeleton) -> str:
    """Returns a line on which joints swap in mirrored frames, or why frames are not mirrored.

    Args:
      config, run_skeleton: as for `decide_mirroring`.
    """
    pairs = run_skeleton.flip_pairs
    unpaired = find_unpaired(run_skeleton.joints, pairs)
    if config.mirror_probability == 0:
        return "frames are not mirrored: --aug_mirror=0"
    if not pairs and not unpaired:
        return f"frames are not mirrored: no left/right pairs are known; if there are any, {_HINT}"
    if unpaired and config.mirror_probability is None:
        has_none = "has no partner" if len(unpaired) == 1 else "have no partner"
        text = f"frames are not mirrored: {_look_sided(unpaired)} but {has_none}; {_HINT}"
        return f"{text}, or mirror all the same with --aug_mirror={_DEFAULT_PROBABILITY:g}" if pairs else text
    swapped = {joint for pair in pairs for joint in pair}
    midline = [joint for joint in run_skeleton.joints if joint not in swapped]
    text = "mirror pairs: " + ", ".join(f"{left}–{right}" for left, right in pairs)
    text += f"; on the midline: {', '.join(midline)}" if midline else ""
    return text + (f" (but {_look_sided(unpaired)}: {_HINT})" if unpaired else "")


def _look_sided(names):
    what = "looks like a left or right joint" if len(names) == 1 else "look like left or right joints"
    return f"{', '.join(names)} {what}"
