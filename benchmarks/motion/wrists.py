"""Statistics of the motion of wrists: how far they go from frame to frame, and how well a curve foretells them.

Each window of 11 consecutive frames is judged by its middle one: a polynomial in time is fitted to the 10 neighbours by
least squares, and the distance of the middle wrist from it is the *miss*. All lengths are in torsos: the distance from
the middle of the shoulders to the middle of the hips.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import numpy as np

from keras_pose.data.clip import VISIBLE
from keras_pose.data.importers import penn_action
from keras_pose.data.synthetic import motion, signers

# float64 [T, 2], a wrist over time in px, NaN if it is not visible; float64 [T], the torso in px, NaN if unknown.
Track = tuple[np.ndarray, np.ndarray]
REACH = 5  # frames on each side of the middle one
STATISTICS = (
    "miss of a quadratic, median",
    "miss of a quadratic, 95th percentile",
    "miss of a quartic, median",
    "miss of a quartic, 95th percentile",
    "step, median",
    "step, 90th percentile",
)
# Of all visible wrists of Penn Action, as `read_penn_action` and `summarise` find them.
REAL = (0.0116, 0.0910, 0.0102, 0.0748, 0.0276, 0.1468)
_SMALLEST_TORSO_PX = 5.0
_PERCENTILES = ((2, 50), (2, 95), (4, 50), (4, 95), ("step", 50), ("step", 90))


def summarise(tracks: Iterable[Track]) -> tuple[np.ndarray, int]:
    """Returns the statistics of `STATISTICS`, float64 [6] in torsos, and the number of windows.

    Args:
      tracks: wrists over time; each window is divided by the torso of its middle frame.

    Raises:
      ValueError: if no track has 11 visible frames in a row.
    """
    neighbours = np.array([i for i in range(2 * REACH + 1) if i != REACH])
    weights = {degree: _foretelling(degree) for degree in (2, 4)}
    values: dict[object, list[np.ndarray]] = {2: [], 4: [], "step": []}
    for points, torso in tracks:
        if len(points) < 2 * REACH + 1:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(points, 2 * REACH + 1, axis=0)  # [N, 2, 11]
        windows = windows / torso[REACH:-REACH, None, None]
        windows = windows[np.isfinite(windows).all((1, 2))]
        for degree, weight in weights.items():
            values[degree].append(_length(windows[..., neighbours] @ weight - windows[..., REACH]))
        values["step"].append(_length(windows[..., REACH + 1] - windows[..., REACH]))
    joined = {name: np.concatenate(parts) if parts else np.zeros(0) for name, parts in values.items()}
    if not len(joined["step"]):
        raise ValueError(f"expected wrists that are visible in {2 * REACH + 1} frames in a row, found none")
    return np.array([np.percentile(joined[name], share) for name, share in _PERCENTILES]), len(joined["step"])


def read_penn_action(folder: str | os.PathLike[str]) -> list[Track]:
    """Reads the wrists of all label files of Penn Action; frames are not needed.

    Args:
      folder: it holds labels/0001.mat, ….

    Returns:
      Both wrists of each file.

    Raises:
      ValueError: if there are no labels.
    """
    labels = os.path.join(os.fspath(folder), penn_action.LABELS)
    names = sorted(os.listdir(labels)) if os.path.isdir(labels) else []
    files = [os.path.join(labels, name) for name in names if name.endswith(".mat")]
    if not files:
        raise ValueError(f"--penn_action={folder}: expected labels/0001.mat, …, found none")
    return [track for path in files for track in _tracks_of_file(path)]


def draw_tracks(version: int, split: str, count: int, num_frames: int) -> list[Track]:
    """Draws the joints of signers and returns both wrists of each; the frames are not drawn.

    Args:
      version: version of the signers.
      split: split of the clips.
      count: number of clips: the first of the split.
      num_frames: frames per clip.
    """
    places = [number for number, joint in enumerate(signers.SKELETON.joints) if joint.endswith("wrist")]
    tracks = []
    for index in range(count):
        clip = signers.generate(split, index, num_frames, (64, 64), version)
        torso = np.full(num_frames, clip.head_px * motion.TORSO_HEADS)
        tracks += [(clip.joints[:, place].astype(np.float64), torso) for place in places]
    return tracks


def _tracks_of_file(path: str) -> Iterator[Track]:
    points, visibility, _, _ = penn_action.read_labels(path)
    place = {name: number for number, name in enumerate(penn_action.JOINTS)}
    shoulders, hips = (
        (points[:, place[f"right_{part}"]] + points[:, place[f"left_{part}"]]) / 2 for part in ("shoulder", "hip")
    )
    torso = _length(shoulders - hips)
    torso[~(torso >= _SMALLEST_TORSO_PX)] = np.nan
    for name in ("right_wrist", "left_wrist"):
        track = points[:, place[name]].copy()
        track[visibility[:, place[name]] != VISIBLE] = np.nan
        yield track, torso


def _foretelling(degree):
    """Weights of the 10 neighbours, float64 [10], whose sum foretells the middle."""
    times = np.array([i for i in range(-REACH, REACH + 1) if i]) / REACH
    return np.linalg.pinv(np.stack([times**power for power in range(degree + 1)], 1))[0]


def _length(vectors):
    return np.sqrt((vectors**2).sum(-1))
