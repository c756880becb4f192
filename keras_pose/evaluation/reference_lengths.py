"""The length that PCK measures errors against, frame by frame.

PCK ("percentage of correct keypoints") counts a joint as found if its error is at most a fraction of a reference
length. Sources: Yang and Ramanan 2013 (torso), Sapp and Taskar 2013 (FLIC, torso), Andriluka et al. 2014 (PCKh, head).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton, read_names

# The first candidate whose joints the skeleton has is taken; several pairs are averaged in each frame.
_NAMED_PAIRS = {
    "torso": (
        (("left_shoulder", "right_hip"), ("right_shoulder", "left_hip")),
        (("neck", "pelvis"),),
    ),
    "shoulders": ((("left_shoulder", "right_shoulder"),),),
    "head": (
        (("head_top", "neck"),),
        (("head_top", "upper_neck"),),
        (("head_top", "chin"),),
        (("left_ear", "right_ear"),),
    ),
}


def resolve(pck_reference: str | Sequence[str], skeleton: Skeleton) -> tuple[tuple[int, int], ...]:
    """Finds the pairs of joints whose distance is the reference.

    Args:
      pck_reference: "frame" (the longer side of the frame), "torso" (shoulder to opposite hip), "shoulders", "head"
        (top of the head to neck, or ear to ear), or any two joints: a pair of names, or "name,name".
      skeleton: `Skeleton` of the predictions.

    Returns:
      Pairs of joint positions; empty for "frame".

    Raises:
      ValueError: for an unknown reference, or one whose joints the skeleton lacks.
    """
    if pck_reference == "frame":
        return ()
    known = {name: _first_present(name, skeleton) for name in _NAMED_PAIRS}
    if isinstance(pck_reference, str) and pck_reference in known:
        pairs = known[pck_reference]
        if pairs is None:
            raise ValueError(
                f"pck_reference {pck_reference!r}: skeleton {skeleton.name!r} lacks its joints; {_usable(known)}"
            )
        return tuple((skeleton.index(a), skeleton.index(b)) for a, b in pairs)
    if isinstance(pck_reference, str):
        pairs_read = [names for names in read_names(pck_reference, skeleton.joints, ",") if len(names) == 2]
        pair = pairs_read[0] if len(pairs_read) == 1 else []
    else:
        pair = [name.strip() for name in pck_reference]
    if len(pair) != 2 or pair[0] == pair[1] or not set(pair) <= set(skeleton.joints):
        raise ValueError(
            f"unknown pck_reference {pck_reference!r} for skeleton {skeleton.name!r} with joints "
            f"{', '.join(skeleton.joints)}; {_usable(known)}"
        )
    return ((skeleton.index(pair[0]), skeleton.index(pair[1])),)


def describe(pck_reference: str | Sequence[str]) -> str:
    """Returns the reference as metrics.json names it: "frame", "torso", …, or "name,name"."""
    return pck_reference if isinstance(pck_reference, str) else ",".join(pck_reference)


def lengths_px(clip: ClipPredictions, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
    """Measures the reference in each frame of a clip.

    Args:
      clip: `ClipPredictions`.
      pairs: what `resolve` returned.

    Returns:
      float64 [N], px; NaN if no pair is labelled or its length is 0.

    Raises:
      ValueError: for the reference "frame" if the clip does not know its frames' size.
    """
    if not pairs:
        if clip.size_hw is None:
            raise ValueError(
                f"clip {clip.name}: pck_reference 'frame' needs the size of its frames, which is not known; "
                "expected a reference made of joints, such as 'shoulders'"
            )
        return np.full(len(clip.frames), float(max(clip.size_hw)))
    truth = clip.truth.astype(np.float64)
    each = np.stack([np.linalg.norm(truth[:, a] - truth[:, b], axis=-1) for a, b in pairs])
    known = np.isfinite(each)
    lengths = np.where(known, each, 0.0).sum(0) / np.maximum(known.sum(0), 1)
    return np.where(lengths > 0, lengths, np.nan)


def _first_present(name, skeleton):
    for pairs in _NAMED_PAIRS[name]:
        if all(joint in skeleton.joints for pair in pairs for joint in pair):
            return pairs
    return None


def _usable(known):
    names = ["frame"] + [name for name, pairs in known.items() if pairs]
    return f"expected one of {', '.join(names)}, or two joints as 'name,name'"
