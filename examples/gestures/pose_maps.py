"""Heatmaps of clips from a frozen, exported pose net. The maps of each clip are computed once and kept on disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from examples.gestures import atomic_files
from examples.gestures import clips as clip_files


class PoseModel:
    """An export of a pose net.

    Args:
      path: folder of one version, such as runs/quickstart/export/pose/1.

    Attributes:
      loaded: the result of `tf.saved_model.load`; the signature works only while this is kept.
      heatmaps: signature from `frames` uint8 [B, H, W, 3] to a dict with "heatmaps", float32 [B, h, w, J].
      identity: str, a hash that differs between nets.

    Raises:
      ValueError: if the folder holds no SavedModel, or the model has no signature `heatmaps`.
    """

    def __init__(self, path: str) -> None:
        if not os.path.isfile(os.path.join(path, "saved_model.pb")):
            raise ValueError(
                f"--pose_model: expected the folder of a SavedModel (it holds saved_model.pb), received {path}"
            )
        with atomic_files.without_pattern(path) as plain:
            self.loaded = tf.saved_model.load(plain)
        if "heatmaps" not in self.loaded.signatures:
            raise ValueError(
                f"--pose_model: expected a signature heatmaps, received {path} with "
                f"{', '.join(sorted(self.loaded.signatures)) or 'none'}; nets that predict coordinates have no maps"
            )
        self.heatmaps = self.loaded.signatures["heatmaps"]
        variables = os.path.join(path, "variables")
        weights = [os.path.join(variables, name) for name in sorted(os.listdir(variables))]
        self.identity = _digest([os.path.join(path, "saved_model.pb"), *weights])


def compute_maps(
    pose: PoseModel,
    clips: Sequence[clip_files.LabelledClip],
    cache: str,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> np.ndarray:
    """Returns the heatmaps of clips.

    The name of a file of maps is a hash of the clip's and the net's files, so a changed clip or net is computed again.

    Args:
      pose: the pose net.
      clips: N clips.
      cache: folder for the maps; about 0.2 MB for a clip of 12 frames with 7 joints at 32×32.
      progress: called with (clips done, number of clips).

    Returns:
      float32 [N, T, h, w, J], rounded to 16 bits.

    Raises:
      ValueError: if a clip cannot be read or differs in length from the first one.
    """
    maps: list[np.ndarray] = []
    atomic_files.clear_stale(cache)
    for number, clip in enumerate(clips):
        kept = os.path.join(cache, f"{_digest([clip.path], pose.identity)}.npy")
        if os.path.isfile(kept):
            maps.append(np.load(kept))
        else:
            frames = tf.constant(clip_files.read_frames(clip.path))
            maps.append(pose.heatmaps(frames=frames)["heatmaps"].numpy().astype(np.float16))
            with atomic_files.replace(kept) as temporary:
                np.save(temporary, maps[-1])
        clip_files.check_length(clip, len(maps[-1]), clips[0], len(maps[0]))
        progress(number + 1, len(clips))
    return np.stack(maps).astype(np.float32)


def _digest(paths, before=""):
    digest = hashlib.sha256(before.encode())
    for path in paths:
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()
