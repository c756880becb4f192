"""Predictions beside the truth: what every figure and picture of an evaluation is made from.

One file holds the predictions of one run on many clips, together with the skeleton, so that a column of numbers is
never without its name. Letters in shapes: N frames of a clip, J joints.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose import files
from keras_pose.data.clip import UNLABELLED
from keras_pose.skeleton import Skeleton

_ARRAYS = ("frames", "predicted", "scores", "truth", "visibility")


@dataclasses.dataclass(frozen=True)
class ClipPredictions:
    """Predicted and true joints of frames of one clip.

    Args:
      name: str, the clip's name.
      frames: int64 [N], 0-based positions in the clip, rising. Frames without labels may be among them.
      predicted: float32 [N, J, 2], (x, y) in px of the original frame, finite.
      scores: float32 [N, J], confidence; NaN if the method gives none.
      truth: float32 [N, J, 2], (x, y) in px of the original frame, NaN for unlabelled joints.
      visibility: uint8 [N, J], as in `data.clip`: UNLABELLED, HIDDEN or VISIBLE.
      size_hw: (height, width) of the frames in px, or None if it is not known.
      session: str, the recording that the clip is a part of: clips of one session resemble each other. Empty: its own.
      group: str, what several sessions have in common (a film, a person). Empty: the session.
      landmarks: {name: float32 [N, 2]}, labelled points in px of the original frame that were not predicted; a PCK
        reference may name them. NaN if unknown.
      region: (left, top, width, height) in px of the original frame, what the net saw of it; None: all of it.

    Raises:
      ValueError: for shapes or values that do not match; the message names the clip.
    """

    name: str
    frames: np.ndarray
    predicted: np.ndarray
    scores: np.ndarray
    truth: np.ndarray
    visibility: np.ndarray
    size_hw: tuple[int, int] | None = None
    session: str = ""
    group: str = ""
    landmarks: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    region: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        dtypes = {"frames": np.int64, "visibility": np.uint8}
        for field in _ARRAYS:
            object.__setattr__(self, field, np.asarray(getattr(self, field), dtypes.get(field, np.float32)))
        points = {name: np.asarray(of, np.float32) for name, of in self.landmarks.items()}
        object.__setattr__(self, "landmarks", points)
        if self.size_hw is not None:
            object.__setattr__(self, "size_hw", tuple(int(s) for s in self.size_hw))
        self._check_shapes()
        self._check_values()

    def _check_shapes(self):
        if self.predicted.ndim != 3 or self.predicted.shape[2] != 2:
            raise ValueError(f"clip {self.name}: expected predicted [N, J, 2], received {self.predicted.shape}")
        count, joints = self.predicted.shape[:2]
        expected = {
            "frames": (count,),
            "scores": (count, joints),
            "truth": (count, joints, 2),
            "visibility": (count, joints),
        }
        for field, shape in expected.items():
            received = getattr(self, field).shape
            if received != shape:
                raise ValueError(f"clip {self.name}: expected {field} {list(shape)}, received {list(received)}")
        for name, points in self.landmarks.items():
            if points.shape != (count, 2):
                raise ValueError(
                    f"clip {self.name}: expected landmark {name} [{count}, 2], received {list(points.shape)}"
                )
        if self.size_hw is not None and (len(self.size_hw) != 2 or min(self.size_hw) < 1):
            raise ValueError(f"clip {self.name}: expected size_hw (height, width) in px, received {self.size_hw}")

    def _check_values(self):
        if (np.diff(self.frames) <= 0).any():
            raise ValueError(f"clip {self.name}: expected frame positions that rise, received {self.frames.tolist()}")
        broken = np.argwhere(~np.isfinite(self.predicted).all(-1))
        if len(broken):
            row, joint = broken[0]
            raise ValueError(
                f"clip {self.name}, frame {self.frames[row]}, joint {joint}: expected a finite prediction, "
                f"received {self.predicted[row, joint].tolist()} ({len(broken)} such joints in the clip)"
            )
        missing = np.isnan(self.truth).any(-1)
        if (missing != (self.visibility == UNLABELLED)).any() or np.isinf(self.truth).any():
            raise ValueError(f"clip {self.name}: expected truth of NaN for unlabelled joints and for no others")

    @classmethod
    def of_clip(cls, clip: Any, predicted: np.ndarray, scores: np.ndarray) -> ClipPredictions:
        """Returns predictions of the labelled frames of a clip beside its labels.

        Args:
          clip: `Clip`, or another object with its fields.
          predicted: float [N, J, 2], px of the frame.
          scores: float [N, J].
        """
        return cls(
            name=clip.name,
            frames=clip.labelled,
            predicted=predicted,
            scores=scores,
            truth=clip.joints,
            visibility=clip.visibility,
            size_hw=clip.frames.size_hw,
            session=getattr(clip, "session", ""),
            group=getattr(clip, "group", ""),
            landmarks=getattr(clip, "landmarks", {}),
            region=getattr(clip, "region", None),
        )

    @property
    def session_name(self) -> str:
        """The name of the session; that of the clip if it is a session of its own."""
        return self.session or self.name

    @property
    def group_name(self) -> str:
        """The name of the group; that of the session if there is no other."""
        return self.group or self.session_name

    @property
    def seen_side_px(self) -> float:
        """Longer side of what the net saw, in px of the original frame; 1 if the size of the frame is not known."""
        return float(max(self.region[2:] if self.region else self.size_hw or (1,)))

    @property
    def num_joints(self) -> int:
        """J, the number of joints."""
        return self.predicted.shape[1]

    def landmark(self, name: str) -> np.ndarray:
        """Returns float32 [N, 2], the points of a landmark; NaN if the clip does not have it."""
        return self.landmarks.get(name, np.full((len(self.frames), 2), np.nan, np.float32))

    def errors_px(self) -> np.ndarray:
        """Returns float64 [N, J]: distance of prediction and truth in px, NaN for unlabelled joints."""
        return np.linalg.norm(self.predicted.astype(np.float64) - self.truth, axis=-1)


def landmark_names(predictions: Sequence[ClipPredictions]) -> tuple[str, ...]:
    """Returns the names of the landmarks that any of the clips has, sorted."""
    return tuple(sorted({name for clip in predictions for name in clip.landmarks}))


def check_predictions(predictions: Sequence[ClipPredictions], skeleton: Skeleton) -> None:
    """Checks that predictions can be scored together as predictions of this skeleton.

    Raises:
      ValueError: for no clips, a clip that appears twice, or another number of joints than the skeleton's.
    """
    if not predictions:
        raise ValueError("expected predictions of at least one clip, received none")
    names = [clip.name for clip in predictions]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"expected each clip once, received twice: {', '.join(repeated)}")
    for clip in predictions:
        if clip.num_joints != skeleton.num_joints:
            raise ValueError(
                f"clip {clip.name}: expected the {skeleton.num_joints} joints of skeleton {skeleton.name!r}, "
                f"received {clip.num_joints}"
            )


def save(path: str | os.PathLike, skeleton: Skeleton, predictions: Sequence[ClipPredictions]) -> None:
    """Writes predictions and their skeleton to one compressed .npz, whole or not at all.

    Args:
      path: str or path-like, ending in .npz.
      skeleton: `Skeleton` that the columns follow.
      predictions: list of `ClipPredictions`.

    Raises:
      ValueError: if the predictions do not fit this skeleton.
    """
    check_predictions(predictions, skeleton)
    arrays: dict[str, Any] = {
        field: np.concatenate([getattr(clip, field) for clip in predictions]) for field in _ARRAYS
    }
    arrays["clip_names"] = np.array([clip.name for clip in predictions], np.str_)
    arrays["clip_sessions"] = np.array([clip.session for clip in predictions], np.str_)
    arrays["clip_lengths"] = np.array([len(clip.frames) for clip in predictions], np.int64)
    arrays["clip_sizes_hw"] = np.array([clip.size_hw or (0, 0) for clip in predictions], np.int64)
    arrays["clip_regions"] = np.array([clip.region or (0, 0, 0, 0) for clip in predictions], np.float64)
    arrays["clip_groups"] = np.array([clip.group for clip in predictions], np.str_)
    names = landmark_names(predictions)
    arrays["landmark_names"] = np.array(names, np.str_)
    points = [np.stack([clip.landmark(name) for name in names], 1) for clip in predictions if names]
    arrays["landmarks"] = np.concatenate(points) if points else np.zeros((len(arrays["frames"]), 0, 2), np.float32)
    arrays["skeleton"] = np.array(json.dumps(skeleton.to_dict()))
    files.write_arrays(path, arrays, compressed=True)


def load(path: str | os.PathLike, skeleton: Skeleton | None = None) -> tuple[Skeleton, list[ClipPredictions]]:
    """Reads what `save` wrote.

    Args:
      path: str or path-like.
      skeleton: the expected `Skeleton`, or None to take the file's own.

    Returns:
      The file's skeleton and its list of `ClipPredictions`.

    Raises:
      ValueError: if the file is no prediction file, or names other joints than `skeleton`.
    """
    arrays = files.read_arrays(path, "a prediction file")
    try:
        found = Skeleton(**json.loads(str(arrays["skeleton"])))
        ends = np.cumsum(arrays["clip_lengths"])[:-1]
        parts = {field: np.split(arrays[field], ends) for field in _ARRAYS}
        names = arrays["clip_names"]
        sizes = arrays["clip_sizes_hw"]
        # Older files have neither sessions, nor groups, nor landmarks, nor regions.
        sessions = arrays.get("clip_sessions", [""] * len(names))
        groups = arrays.get("clip_groups", [""] * len(names))
        regions = arrays.get("clip_regions", np.zeros((len(names), 4)))
        landmarks = _split_landmarks(arrays, ends)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: expected a prediction file (.npz), but {error}") from error
    if skeleton is not None and skeleton.joints != found.joints:
        raise ValueError(
            f"{path}: expected the joints of skeleton {skeleton.name!r} ({', '.join(skeleton.joints)}), "
            f"received {', '.join(found.joints)}"
        )
    clips = [
        ClipPredictions(
            name=str(name),
            size_hw=tuple(size) if size.any() else None,
            session=str(session),
            group=str(group),
            landmarks=landmarks[i] if landmarks else {},
            region=tuple(regions[i].tolist()) if regions[i].any() else None,
            **{field: parts[field][i] for field in _ARRAYS},
        )
        for i, (name, size, session, group) in enumerate(zip(names, sizes, sessions, groups))
    ]
    return found, clips


def _split_landmarks(arrays, ends):
    """Returns {name: float32 [N, 2]} for each clip, without landmarks that it never has; empty for older files."""
    if "landmarks" not in arrays:
        return []
    names = [str(name) for name in arrays["landmark_names"]]
    return [
        {name: part[:, i] for i, name in enumerate(names) if np.isfinite(part[:, i]).any()}
        for part in np.split(arrays["landmarks"], ends)
    ]
