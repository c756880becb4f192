"""The length that PCK measures errors against, frame by frame.

PCK ("percentage of correct keypoints") counts a joint as found if its error is at most a fraction of a reference
length. The joints of the length are joints of the skeleton or landmarks: labelled points that no net predicts.
Sources: Yang and Ramanan 2013 (torso), Sapp and Taskar 2013 (FLIC, torso), Andriluka et al. 2014 (PCKh, head).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keras_pose.evaluation.predictions import ClipPredictions, landmark_names
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


# Behind a reference: its median over the labelled frames of a clip, for all frames of the clip.
OF_CLIP = ":clip_median"


def resolve(
    pck_reference: str | Sequence[str], skeleton: Skeleton, landmarks: Sequence[str] = ()
) -> tuple[tuple[int, int], ...]:
    """Finds the pairs of joints whose distance is the reference.

    Args:
      pck_reference: "frame" (the longer side of the frame), "torso" (shoulder to opposite hip), "shoulders", "head"
        (top of the head to neck, or ear to ear), or any two joints: a pair of names, or "name,name". A text may end
        with `OF_CLIP`, which changes nothing here.
      skeleton: `Skeleton` of the predictions.
      landmarks: names of further points that the reference may name; those that are joints, too, are ignored.

    Returns:
      Pairs of positions in the joints, followed by the landmarks (`list_points`); empty for "frame".

    Raises:
      ValueError: for an unknown reference, or one whose joints the skeleton lacks.
    """
    if isinstance(pck_reference, str):
        pck_reference = pck_reference.removesuffix(OF_CLIP)
    if pck_reference == "frame":
        return ()
    points = list_points(skeleton, landmarks)
    known = {name: _first_present(name, points) for name in _NAMED_PAIRS}
    if isinstance(pck_reference, str) and pck_reference in known:
        pairs = known[pck_reference]
        if pairs is None:
            lacking = f"skeleton {skeleton.name!r} lacks its joints"
            also = f" and so do the landmarks {', '.join(landmarks)}" if landmarks else ""
            raise ValueError(f"pck_reference {pck_reference!r}: {lacking}{also}; {_usable(known)}")
        return tuple((points.index(a), points.index(b)) for a, b in pairs)
    if isinstance(pck_reference, str):
        pairs_read = [names for names in read_names(pck_reference, points, ",") if len(names) == 2]
        pair = pairs_read[0] if len(pairs_read) == 1 else []
    else:
        pair = [name.strip() for name in pck_reference]
    if len(pair) != 2 or pair[0] == pair[1] or not set(pair) <= set(points):
        also = f" and landmarks {', '.join(landmarks)}" if landmarks else ""
        raise ValueError(
            f"unknown pck_reference {pck_reference!r} for skeleton {skeleton.name!r} with joints "
            f"{', '.join(skeleton.joints)}{also}; {_usable(known)}"
        )
    return ((points.index(pair[0]), points.index(pair[1])),)


def list_points(skeleton: Skeleton, landmarks: Sequence[str] = ()) -> list[str]:
    """Returns the names of all points of a reference: the joints, then the landmarks that are no joints."""
    return [*skeleton.joints, *(name for name in landmarks if name not in skeleton.joints)]


def describe(pck_reference: str | Sequence[str]) -> str:
    """Returns the reference as metrics.json names it: "frame", "torso", …, or "name,name"."""
    return pck_reference if isinstance(pck_reference, str) else ",".join(pck_reference)


def lengths_px(
    clip: ClipPredictions, pairs: Sequence[tuple[int, int]], landmarks: Sequence[str] = (), of_clip: bool = False
) -> np.ndarray:
    """Measures the reference in each frame of a clip.

    Args:
      clip: `ClipPredictions`.
      pairs: what `resolve` returned.
      landmarks: names of the landmarks behind the joints, without those that are joints (see `list_points`).
      of_clip: whether all frames get the median of the clip's frames.

    Returns:
      float64 [N], px; NaN if no pair is labelled or its length is 0 (with `of_clip`, in all frames of the clip).

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
    further = [clip.landmark(name)[:, None] for name in landmarks]
    truth = np.concatenate([clip.truth, *further], 1).astype(np.float64)
    each = np.stack([np.linalg.norm(truth[:, a] - truth[:, b], axis=-1) for a, b in pairs])
    known = np.isfinite(each)
    lengths = np.where(known, each, 0.0).sum(0) / np.maximum(known.sum(0), 1)
    lengths = np.where(lengths > 0, lengths, np.nan)
    if of_clip and np.isfinite(lengths).any():
        return np.full(len(lengths), np.nanmedian(lengths))
    return lengths


def measure_px(
    clip: ClipPredictions, pck_reference: str | Sequence[str], skeleton: Skeleton, landmarks: Sequence[str] = ()
) -> np.ndarray:
    """Measures a reference in each frame of a clip: `resolve` and `lengths_px` together.

    Args:
      clip: `ClipPredictions`.
      pck_reference, skeleton, landmarks: as for `resolve`; a text that ends with `OF_CLIP` is the median of the clip.

    Returns:
      float64 [N], px; NaN if it is not known.

    Raises:
      ValueError: as `resolve` and `lengths_px`.
    """
    pairs = resolve(pck_reference, skeleton, landmarks)
    of_clip = isinstance(pck_reference, str) and pck_reference.endswith(OF_CLIP)
    return lengths_px(clip, pairs, list_points(skeleton, landmarks)[skeleton.num_joints :], of_clip)


def count_frames_without(
    predictions: Sequence[ClipPredictions], pck_reference: str | Sequence[str], skeleton: Skeleton
) -> int:
    """Returns in how many frames that have a labelled joint the reference is not known, so PCK leaves them out."""
    names = landmark_names(predictions)
    return sum(
        int((np.isnan(measure_px(clip, pck_reference, skeleton, names)) & (clip.visibility > 0).any(1)).sum())
        for clip in predictions
    )


def _first_present(name, points):
    for pairs in _NAMED_PAIRS[name]:
        if all(joint in points for pair in pairs for joint in pair):
            return pairs
    return None


def _usable(known):
    names = ["frame"] + [name for name, pairs in known.items() if pairs]
    return f"expected one of {', '.join(names)}, or two joints as 'name,name'"
