"""Heatmaps of whole windows, warped to their middle frame: what the poolings of `pooling_ablation` are compared on.

The net's maps of every frame, and every flow, are computed once and kept in files of a few clips each, so that a
benchmark that was stopped goes on where it was. Warping is cheap and done when a flow's windows are asked for.

Letters in shapes: C clips, F frames of a clip, L labelled frames of a clip, N = C·L windows, T frames of a window.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import os
import time

import numpy as np
import tensorflow as tf

from benchmarks.pooling import true_motion
from keras_pose import files, geometry
from keras_pose.data import augment
from keras_pose.data.open_source import open_source
from keras_pose.data.samples import Samples
from keras_pose.flow import estimators, reliability
from keras_pose.flow.warp import warp_by_flow

NO_FLOW = "none"
TRUE, JOINTS = "true", "joints"  # the generator's flow, and each joint's map moved as the joint moves
KINDS_OF_FLOW = (*estimators.ESTIMATORS, TRUE, JOINTS)
LABELS, LABEL_EVERY = 3, 3  # labelled frames of a clip, and the frames from one to the next
_CHUNK_CLIPS = 10
_THREADS = 2
_STORED = np.float16  # of maps of height 1 and flow in heatmap px: rounded by less than 0.001 and 0.01


@dataclasses.dataclass(frozen=True)
class Windows:
    """Windows of warped maps, the current frame in the middle; all of their frames exist.

    Args:
      maps: float16 [N, T, h, w, J].
      reliability: float16 [N, T, h, w], how far the flow can be relied upon, 0 to 1.
      targets: float32 [N, J, 3], (x, y, weight) in input px.
    """

    maps: np.ndarray
    reliability: np.ndarray
    targets: np.ndarray

    def narrowed(self, n) -> Windows:
        """Returns views of the windows of n neighbours on each side."""
        middle = self.maps.shape[1] // 2
        part = slice(middle - n, middle + n + 1)
        return Windows(self.maps[:, part], self.reliability[:, part], self.targets)


def open_clips(split, count, reach, size_px) -> list:
    """Opens signers of which `LABELS` frames about the middle are labelled, each with `reach` neighbours on each side.

    Args:
      split: "train" or "test".
      count: C.
      reach: frames on each side.
      size_px: side of their frames.
    """
    labelled = reach + LABEL_EVERY * np.arange(LABELS)
    source = open_source(
        f"signers:{split}:{count}", num_frames=int(labelled[-1]) + reach + 1, size_hw=(size_px, size_px)
    )
    return [clip.select(labelled) for clip in source.clips]


class MapStore:
    """Maps and flows of clips in a folder.

    Args:
      folder: str, made where it is missing.
      run_net: function of float32 [F, H, W, 3], RGB 0..255, to heatmaps float [F, h, w, J].
      input_size_hw: (H, W) of the net's input in px.
      reach: neighbours on each side.
      hidden_weight: see `Samples`.
    """

    def __init__(self, folder, run_net, input_size_hw, reach, hidden_weight=1.0):
        self._folder, self._run_net, self._size_hw = folder, run_net, tuple(input_size_hw)
        self._offsets, self._hidden_weight = tuple(range(-reach, reach + 1)), hidden_weight

    def fill(self, clip_sets, flows, echo=print):
        """Computes what is not in the folder yet.

        Args:
          clip_sets: lists of `Clip`, each as `windows` is to be asked for.
          flows: names of the flows that are wanted beside the net's maps.
          echo: function that shows a line of text.

        Raises:
          ValueError: for an unknown flow.
        """
        to_find = {name: self._flow_finder(name) for name in flows if name not in (NO_FLOW, JOINTS)}
        chunks = [chunk for clips in clip_sets for chunk in _chunks(clips)]
        missing = [c for c in chunks if not all(os.path.exists(self._path(c, name)) for name in ("maps", *to_find))]
        start, done = time.monotonic(), 0
        with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
            for chunk in missing:
                self._fill_chunk(chunk, to_find, pool)
                done += 1
                left_min = (time.monotonic() - start) / done * (len(missing) - done) / 60
                echo(f"maps and flows: {done} of {len(missing)} parts, {left_min:.1f} min left")

    def _fill_chunk(self, clips, to_find, pool):
        path = self._path(clips, "maps")
        if not os.path.exists(path):
            parts = [self._read_maps(clip) for clip in clips]
            _save(path, **{name: np.stack([part[name] for part in parts]) for name in parts[0]})
        for name, find in to_find.items():
            path = self._path(clips, name)
            if not os.path.exists(path):
                _save(path, flows=np.stack(list(pool.map(find, clips))).astype(_STORED))

    def _flow_finder(self, name):
        """Returns a function of a clip to the flow of its windows, float32 [L, T, h, w, 2] in heatmap px."""
        if name == TRUE:
            return lambda clip: true_motion.true_flows(clip, self._offsets, self._size_hw)
        estimate = estimators.open_estimator(name)
        return lambda clip: self._estimated_flows(clip, estimate)

    def _read_maps(self, clip):
        """The maps of all frames of a clip, the frames at the size of the maps, and the labels."""
        half = clip.frames.num_frames // 2
        samples = Samples([clip.select([LABELS // 2])], self._size_hw, tuple(range(-half, half + 1)))
        frames = augment.map_to_input(samples.read_batch([0]), self._size_hw)["frames"][0]
        labels = Samples([clip], self._size_hw, hidden_weight=self._hidden_weight)
        return {
            "maps": np.asarray(self._run_net(frames)).astype(_STORED),
            "frames": tf.nn.avg_pool2d(frames, geometry.HEATMAP_STRIDE, geometry.HEATMAP_STRIDE, "VALID")
            .numpy()
            .astype(_STORED),
            "targets": labels.read_batch(range(len(labels)))["targets"],
        }

    def _estimated_flows(self, clip, estimate):
        samples = Samples([clip], self._size_hw, self._offsets, estimate_flow=estimate)
        batch = samples.read_batch(range(len(samples)))
        return augment.warp_flows(batch["flows"], batch["flow_matrices"], self._size_hw).numpy()

    def windows(self, clips, flow) -> Windows:
        """Reads the windows of clips, warped by a flow; both must have been filled in.

        Args:
          clips: list of C `Clip`.
          flow: str.
        """
        parts = [self._warped(chunk, flow) for chunk in _chunks(clips)]
        return Windows(*(np.concatenate(arrays) for arrays in zip(*parts)))

    def _warped(self, clips, flow):
        stored = _load(self._path(clips, "maps"))
        flows = _load(self._path(clips, flow))["flows"] if flow not in (NO_FLOW, JOINTS) else None
        maps, trust = [], []
        for i, clip in enumerate(clips):
            places = clip.labelled[:, None] + np.array(self._offsets)
            frames, window = stored["frames"][i][places], stored["maps"][i][places]
            if flow == JOINTS:
                warped = true_motion.follow_joints(clip, self._offsets, window, self._size_hw).astype(_STORED)
                reliable = np.ones(window.shape[:-1], _STORED)
            else:
                along = np.zeros((*window.shape[:-1], 2), _STORED) if flows is None else flows[i]
                warped, reliable = (tensor.numpy() for tensor in _warp(window, frames, along))
            maps.append(warped)
            trust.append(reliable)
        targets = stored["targets"].reshape(-1, *stored["targets"].shape[2:])
        return np.concatenate(maps), np.concatenate(trust), targets

    def _path(self, clips, name):
        return os.path.join(self._folder, name, f"{clips[0].name}-{len(clips)}.npz")


@tf.function(reduce_retracing=True)
def _warp(maps, frames, flow):
    """float16 [L, T, h, w, ...] maps, frames and flow to warped maps and reliability, as in the flowing net."""
    maps, frames, flow = (tf.cast(values, tf.float32) for values in (maps, frames, flow))
    reliable = reliability.window_reliability(frames, flow)
    return tf.cast(warp_by_flow(maps, flow), tf.float16), tf.cast(reliable, tf.float16)


def _chunks(clips):
    return [clips[start : start + _CHUNK_CLIPS] for start in range(0, len(clips), _CHUNK_CLIPS)]


def _save(path, **arrays):
    with files.replace_atomically(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, **arrays)


def _load(path):
    with np.load(path) as archive:
        return dict(archive)
