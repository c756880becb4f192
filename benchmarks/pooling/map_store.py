"""Maps and flows of clips, computed once and kept in files, for comparisons of poolings around a frozen net.

A file holds the net's maps of the frames of a clip's windows, or one flow, so that a command that was stopped continues
from there. Warping is cheap and happens when the windows of a flow are read.

Letters in shapes: P frames that some window needs, L labelled frames of a clip, N windows of all clips, T frames of a
window.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from benchmarks.pooling import body_shift, true_motion
from benchmarks.pooling.warped_windows import JOINTS, NO_FLOW, SHIFT, TRUE, WarpedWindows, warp_windows
from keras_pose import files
from keras_pose.data import augment
from keras_pose.data.clip import UNLABELLED, Clip
from keras_pose.data.samples import Samples
from keras_pose.flow import estimators

_THREADS = 2
_FRAMES_AT_ONCE = 40
_STORED = np.float16  # rounds maps of height 1 by less than 0.001, flow in heatmap px by less than 0.01
_NOT_STORED = (NO_FLOW, JOINTS, SHIFT)  # motion that needs no files


class MapStore:
    """Maps and flows of clips in a folder.

    Args:
      folder: where to keep them; created if it does not exist.
      run_net: function of float32 [F, H, W, 3], RGB 0..255, to heatmaps float [F, h, w, J].
      input_size_hw: (H, W) of the net's input in px.
      reach: neighbours on each side.
      hidden_weight: see `Samples`.
      frame_stride: frames from one neighbour to the next.
      points: the joints of all frames of each clip by its name, float [F, J, 2] px, NaN if unknown, for the flow
        "joints"; None for signers.
      kept_offsets: frames around each label whose maps are kept; none: those of the window. The same in all stores of
        a folder.
    """

    def __init__(
        self,
        folder: str,
        run_net: Callable[[np.ndarray], np.ndarray],
        input_size_hw: tuple[int, int],
        reach: int,
        hidden_weight: float = 1.0,
        frame_stride: int = 1,
        points: Mapping[str, np.ndarray] | None = None,
        kept_offsets: Sequence[int] = (),
    ) -> None:
        self._folder = folder
        self._run_net = run_net
        self._size_hw = input_size_hw
        self._offsets = tuple(frame_stride * place for place in range(-reach, reach + 1))
        self._stride = frame_stride
        self._kept_offsets = tuple(kept_offsets) or self._offsets
        self._hidden_weight = hidden_weight
        self._points = points

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
        to_find = {name: self._flow_finder(name) for name in flows if name not in _NOT_STORED}
        clips = [clip for members in clip_sets for clip in members]
        work = [(clip, name) for clip in clips for name in to_find if not os.path.exists(self._path(clip, name))]
        missing = [clip for clip in clips if not os.path.exists(self._path(clip, "maps"))]
        start = time.monotonic()
        for done, clip in enumerate(missing, 1):
            files.write_arrays(self._path(clip, "maps"), self._read_maps(clip))
            self._tell(echo, "maps", done, len(missing), start)
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
            found = pool.map(lambda job: self._store_flow(job[0], job[1], to_find[job[1]]), work)
            for done, _ in enumerate(found, 1):
                self._tell(echo, "flows", done, len(work), start)

    def _tell(self, echo, what, done, count, start):
        if done % 10 == 0 or done == count:
            left_min = (time.monotonic() - start) / done * (count - done) / 60
            echo(f"{what}: {done} of {count} clips, {left_min:.1f} min left")

    def _store_flow(self, clip, name, find):
        files.write_arrays(self._path(clip, name), {"flows": find(clip).astype(_STORED)})

    def _flow_finder(self, name):
        """Returns a function of a clip to the flow of its windows, float32 [L, T, h, w, 2] in heatmap px."""
        if name == TRUE:
            return lambda clip: true_motion.true_flows(clip, self._offsets, self._size_hw)
        estimate = estimators.open_estimator(name)
        return lambda clip: self._estimate_flows(clip, estimate)

    def _windows(self, clip):
        """Returns places int [L, T] and valid bool [L, T]."""
        found = [clip.window(row, self._offsets) for row in range(clip.num_labelled)]
        return np.array([places for places, _ in found]), np.array([valid for _, valid in found])

    def _read_maps(self, clip):
        """Returns the maps of the frames of a clip's windows, the frames reduced to their size, and the labels."""
        positions = np.unique([clip.window(row, self._kept_offsets)[0] for row in range(clip.num_labelled)])
        maps = []
        small = []
        for start in range(0, len(positions), _FRAMES_AT_ONCE):
            frames = self._read_frames(clip, positions[start : start + _FRAMES_AT_ONCE])
            maps.append(np.asarray(self._run_net(frames)).astype(_STORED))
            size_hw = maps[-1].shape[1:3]
            small.append(tf.image.resize(frames, size_hw, method="area").numpy().astype(_STORED))
        labels = Samples([clip], self._size_hw, hidden_weight=self._hidden_weight)
        return {
            "positions": positions,
            "maps": np.concatenate(maps),
            "frames": np.concatenate(small),
            "targets": labels.read_batch(range(len(labels)))["targets"],
        }

    def _read_frames(self, clip, positions):
        """Returns float32 [P, H, W, 3], the frames as the net sees them."""
        nowhere = np.full((len(positions), *clip.joints.shape[1:]), np.nan)
        unlabelled = np.full(nowhere.shape[:2], UNLABELLED)
        samples = Samples([Clip(clip.name, clip.frames, positions, nowhere, unlabelled)], self._size_hw)
        return augment.map_to_input(samples.read_batch(range(len(samples))), self._size_hw)["frames"][:, 0]

    def _estimate_flows(self, clip, estimate):
        samples = Samples([clip], self._size_hw, self._offsets, estimate_flow=estimate)
        batch = samples.read_batch(range(len(samples)))
        return augment.warp_flows(batch["flows"], batch["flow_matrices"], self._size_hw).numpy()

    def read_windows(self, clips: Sequence[Clip], flow: str) -> WarpedWindows:
        """Reads the windows of clips, warped by a flow; `fill` must have computed both.

        Args:
          clips: the clips.
          flow: one of FLOWS.
        """
        parts = [self._warp(clip, flow) for clip in clips]
        return WarpedWindows(*(np.concatenate(arrays) for arrays in zip(*parts)))

    def read_maps(self, clip: Clip) -> tuple[np.ndarray, np.ndarray]:
        """Returns int [P], the frames of a clip's windows, and the net's maps of them, float16 [P, h, w, J]."""
        stored = _load(self._path(clip, "maps"))
        return stored["positions"], stored["maps"]

    def read_labelled(self, clip: Clip) -> tuple[np.ndarray, np.ndarray]:
        """Returns the maps of a clip's L labelled frames, float16 [L, h, w, J], and the labels, float32 [L, J, 3]."""
        stored = _load(self._path(clip, "maps"))
        middle = self._windows(clip)[0][:, len(self._offsets) // 2]
        return stored["maps"][np.searchsorted(stored["positions"], middle)], stored["targets"]

    def _warp(self, clip, flow):
        stored = _load(self._path(clip, "maps"))
        # Gather the window of each labelled frame: [L, T, ...].
        places, valid = self._windows(clip)
        rows = np.searchsorted(stored["positions"], places)
        maps = stored["maps"][rows]
        if flow == JOINTS:
            points = None if self._points is None else self._points[clip.name]
            warped = true_motion.follow_joints(clip, places, maps, self._size_hw, points).astype(_STORED)
            reliable = np.ones(maps.shape[:-1], _STORED)
        else:
            along = np.zeros((*maps.shape[:-1], 2), _STORED)
            if flow == SHIFT:
                along += body_shift.find_shifts(stored["maps"], rows)[:, :, None, None].astype(_STORED)
            elif flow != NO_FLOW:
                along = _load(self._path(clip, flow))["flows"]
            found = warp_windows(maps, stored["frames"][rows], along)
            warped, reliable = (array.numpy() for array in found)
        return warped, reliable, stored["targets"], valid.astype(np.float32)

    def _path(self, clip, name):
        digest = hashlib.sha256(clip.name.encode()).hexdigest()[:20]
        folder = name if name == "maps" else f"{name}-{len(self._offsets)}-{self._stride}"
        return os.path.join(self._folder, folder, f"{digest}.npz")


def _load(path):
    with np.load(path) as archive:
        return dict(archive)
