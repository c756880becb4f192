"""Labels that are valid but look wrong: joints far from their usual place, and frames that were labelled twice."""

from __future__ import annotations

import numpy as np

from keras_pose.data.clip import Clip
from keras_pose.data.pictures.check import pictures_of
from keras_pose.data.source import Source
from keras_pose.runs.data_digest import digest_file

_FEWEST = 12  # labels of a joint before its usual place is known
_FAR = 9.0  # times the usual distance (median) from the usual place
_MOST_FILES = 2000


def find_outliers(source: Source) -> list[str]:
    """Returns a message for each joint far from its usual place among the other joints, the farthest first.

    Positions are taken relative to the mean of the frame's labelled joints, in units of the person's size.
    """
    clips = source.clips
    points = np.concatenate([clip.joints.astype(np.float64) for clip in clips])
    origins = [origin for clip in clips for origin in clip.origins]
    if points.shape[1] < 3:
        return []
    whole = np.isfinite(points).all(-1)
    known = whole.sum(1) >= 3
    with np.errstate(all="ignore"):
        centred = points - np.nanmedian(np.where(whole.sum(1)[:, None, None] > 0, points, 0.0), axis=1, keepdims=True)
        size = np.nanmedian(np.linalg.norm(centred, axis=-1), axis=1)
    usable = known & (size > 0)
    centred, origins = centred[usable] / size[usable, None, None], [o for o, good in zip(origins, usable) if good]
    found = []
    for joint, name in enumerate(source.skeleton.joints):
        labelled = np.isfinite(centred[:, joint]).all(-1)
        if labelled.sum() < _FEWEST:
            continue
        away = np.linalg.norm(centred[:, joint] - np.median(centred[labelled, joint], axis=0), axis=-1)
        usual = np.median(away[labelled])
        for row in np.flatnonzero(labelled & (away > _FAR * usual)) if usual > 0 else ():
            found.append(
                (
                    away[row] / usual,
                    f"{origins[row]}: joint {name!r} is {away[row] / usual:.0f} times as far from "
                    "its usual place as others",
                )
            )
    return [message for _, message in sorted(found, key=lambda pair: -pair[0])]


def find_duplicates(source: Source) -> list[str]:
    """Returns a message for each pair of frames with equal pictures or exactly equal labels."""
    messages = []
    files: dict[str, str] = {}
    seen: dict[bytes, str] = {}
    count = 0
    for clip in source.clips:
        paths = pictures_of(clip).paths
        for row, position in enumerate(clip.labelled.tolist()):
            origin = clip.origins[row]
            if position in paths and count < _MOST_FILES:
                count += 1
                other = files.setdefault(digest_file(paths[position]), origin)
                if other != origin:
                    messages.append(f"{origin}: the same picture as {other}")
                    continue
            other = seen.setdefault(_key(clip, row), origin)
            if other != origin:
                messages.append(f"{origin}: exactly the labels of {other}")
    return messages


def _key(clip: Clip, row: int) -> bytes:
    return np.nan_to_num(clip.joints[row], nan=-1e6).tobytes()
