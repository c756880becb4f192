"""Heatmaps of clips by an exported pose net, which stays as it is: each clip is computed once and kept on disk."""

from __future__ import annotations

import hashlib
import os

import numpy as np
import tensorflow as tf

from examples.gestures import clips as clip_files
from examples.gestures import whole_files


class PoseModel:
    """An export of a pose net.

    Args:
      path: folder of one version, such as runs/quickstart/export/pose/1.

    Attributes:
      loaded: what `tf.saved_model.load` gives; the signature works only as long as this is kept.
      heatmaps: signature from `frames` uint8 [B, H, W, 3] to a dict with "heatmaps", float32 [B, h, w, J].
      identity: str, which differs between nets.

    Raises:
      ValueError: where there is no SavedModel, or it has no such signature.
    """

    def __init__(self, path):
        if not os.path.isfile(os.path.join(path, "saved_model.pb")):
            raise ValueError(
                f"--pose_model: expected the folder of a SavedModel (it holds saved_model.pb), received {path}"
            )
        self.loaded = tf.saved_model.load(path)
        if "heatmaps" not in self.loaded.signatures:
            raise ValueError(
                f"--pose_model: expected a signature heatmaps, received {path} with "
                f"{', '.join(sorted(self.loaded.signatures)) or 'none'}; nets that predict coordinates have no maps"
            )
        self.heatmaps = self.loaded.signatures["heatmaps"]
        variables = os.path.join(path, "variables")
        weights = [os.path.join(variables, name) for name in sorted(os.listdir(variables))]
        self.identity = _digest([os.path.join(path, "saved_model.pb"), *weights])


def compute_maps(pose, clips, cache, progress=lambda done, total: None) -> np.ndarray:
    """Returns the heatmaps of clips.

    A file of maps is named by what is in the clip's file and the net's: a changed clip or net is computed again.

    Args:
      pose: `PoseModel`.
      clips: list of `LabelledClip`.
      cache: folder for the maps; about 0.2 MB a clip of 12 frames with 7 joints at 32×32.
      progress: called with (clips done, clips in all).

    Returns:
      float32 [N, T, h, w, J], rounded to 16 bits.

    Raises:
      ValueError: where a clip cannot be read, or is longer or shorter than the first one.
    """
    maps = []
    whole_files.clear_stale(cache)
    for number, clip in enumerate(clips):
        kept = os.path.join(cache, f"{_digest([clip.path], pose.identity)}.npy")
        if os.path.isfile(kept):
            maps.append(np.load(kept))
        else:
            frames = tf.constant(clip_files.read_frames(clip.path))
            maps.append(pose.heatmaps(frames=frames)["heatmaps"].numpy().astype(np.float16))
            with whole_files.replace(kept) as temporary:
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
