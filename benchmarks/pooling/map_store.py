"""Maps and flows of clips, computed once and kept in files, for `pooling_ablation`.

A file holds the net's maps of every frame, or one flow, of a few clips, so that a command that was stopped continues
from there. Warping is cheap and happens when the windows of a flow are read.

Letters in shapes: C clips, F frames of a clip, L labelled frames of a clip, N = C·L windows, T frames of a window.
"""

from __future__ import annotations

import concurrent.futures
import os
import time
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from benchmarks.pooling import true_motion
from benchmarks.pooling.warped_windows import JOINTS, LABELS, NO_FLOW, TRUE, WarpedWindows, warp_windows
from keras_pose import files, geometry
from keras_pose.data import augment
from keras_pose.data.clip import Clip
from keras_pose.data.samples import Samples
from keras_pose.flow import estimators

_CHUNK_CLIPS = 10
_THREADS = 2
_STORED = np.float16  # rounds maps of height 1 by less than 0.001, flow in heatmap px by less than 0.01


class MapStore:
    """Maps and flows of clips in a folder.

    Args:
      folder: where to keep them; created if it does not exist.
      run_net: function of float32 [F, H, W, 3], RGB 0..255, to heatmaps float [F, h, w, J].
      input_size_hw: (H, W) of the net's input in px.
      reach: neighbours on each side.
      hidden_weight: see `Samples`.
    """

    def __init__(
        self,
        folder: str,
        run_net: Callable[[np.ndarray], np.ndarray],
        input_size_hw: tuple[int, int],
        reach: int,
        hidden_weight: float = 1.0,
    ) -> None:
        self._folder = folder
        self._run_net = run_net
        self._size_hw = input_size_hw
        self._offsets = tuple(range(-reach, reach + 1))
        self._hidden_weight = hidden_weight

    def fill(
        self, clip_sets: Sequence[Sequence[Clip]], flows: Sequence[str], echo: Callable[[str], None] = print
    ) -> None:
        """Computes what is not in the folder yet.

        Args:
          clip_sets: lists of clips, each as it will be passed to `read_windows`.
          flows: names of the flows that are needed besides the net's maps.
          echo: function that shows a line of text.

        Raises:
          ValueError: for an unknown flow.
        """
        to_find = {name: self._flow_finder(name) for name in flows if name not in (NO_FLOW, JOINTS)}
        chunks = [chunk for clips in clip_sets for chunk in _chunks(clips)]
        missing = [c for c in chunks if not all(os.path.exists(self._path(c, name)) for name in ("maps", *to_find))]
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
            for done, chunk in enumerate(missing, 1):
                self._fill_chunk(chunk, to_find, pool)
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
        return lambda clip: self._estimate_flows(clip, estimate)

    def _read_maps(self, clip):
        """Returns the maps of all frames of a clip, the frames reduced to the size of the maps, and the labels."""
        # One window around the middle holds all frames of the clip.
        half = clip.frames.num_frames // 2
        samples = Samples([clip.select([LABELS // 2])], self._size_hw, tuple(range(-half, half + 1)))
        frames = augment.map_to_input(samples.read_batch([0]), self._size_hw)["frames"][0]
        small = tf.nn.avg_pool2d(frames, geometry.HEATMAP_STRIDE, geometry.HEATMAP_STRIDE, "VALID").numpy()
        labels = Samples([clip], self._size_hw, hidden_weight=self._hidden_weight)
        return {
            "maps": np.asarray(self._run_net(frames)).astype(_STORED),
            "frames": small.astype(_STORED),
            "targets": labels.read_batch(range(len(labels)))["targets"],
        }

    def _estimate_flows(self, clip, estimate):
        samples = Samples([clip], self._size_hw, self._offsets, estimate_flow=estimate)
        batch = samples.read_batch(range(len(samples)))
        return augment.warp_flows(batch["flows"], batch["flow_matrices"], self._size_hw).numpy()

    def read_windows(self, clips: Sequence[Clip], flow: str) -> WarpedWindows:
        """Reads the windows of clips, warped by a flow; `fill` must have computed both.

        Args:
          clips: C clips.
          flow: one of FLOWS.
        """
        parts = [self._warp_chunk(chunk, flow) for chunk in _chunks(clips)]
        return WarpedWindows(*(np.concatenate(arrays) for arrays in zip(*parts)))

    def _warp_chunk(self, clips, flow):
        stored = _load(self._path(clips, "maps"))
        flows = _load(self._path(clips, flow))["flows"] if flow not in (NO_FLOW, JOINTS) else None
        warped = []
        reliable = []
        for i, clip in enumerate(clips):
            # Gather the window of each labelled frame: [L, T, ...].
            places = clip.labelled[:, None] + np.array(self._offsets)
            frames = stored["frames"][i][places]
            maps = stored["maps"][i][places]
            if flow == JOINTS:
                warped.append(true_motion.follow_joints(clip, self._offsets, maps, self._size_hw).astype(_STORED))
                reliable.append(np.ones(maps.shape[:-1], _STORED))
            else:
                along = np.zeros((*maps.shape[:-1], 2), _STORED) if flows is None else flows[i]
                of_clip = warp_windows(maps, frames, along)
                warped.append(of_clip[0].numpy())
                reliable.append(of_clip[1].numpy())
        targets = stored["targets"].reshape(-1, *stored["targets"].shape[2:])
        return np.concatenate(warped), np.concatenate(reliable), targets

    def _path(self, clips, name):
        return os.path.join(self._folder, name, f"{clips[0].name}-{len(clips)}.npz")


def _chunks(clips):
    return [clips[start : start + _CHUNK_CLIPS] for start in range(0, len(clips), _CHUNK_CLIPS)]


def _save(path, **arrays):
    files.write_arrays(path, arrays)


def _load(path):
    with np.load(path) as archive:
        return dict(archive)
