"""The form of all data: clips of frames with joints, visibility and annotation weights.

Every source (synthetic signers, a labelled project, a data set) becomes a list of `Clip`s and a `Skeleton`. A clip
reads its frames through a `Frames` object, so nothing is decoded before it is needed, and has labels for some of them.

Letters in shapes: T frames of a window, N labelled frames, J joints, H W height and width of a frame.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

import numpy as np

from keras_pose.data.person_crop import Region
from keras_pose.pooling.reach import TimedOffsets

# The v of COCO. A hidden joint is labelled, too.
UNLABELLED = 0
HIDDEN = 1
VISIBLE = 2

# The part of a research set that its authors put a clip into.
TRAIN = "train"
VALIDATION = "validation"
TEST = "test"
PARTS = (TRAIN, VALIDATION, TEST)


class Frames(Protocol):
    """Reads the frames of a clip from a video file, image files, an array or a generator.

    `num_frames`: number of frames that can be read by position, or None for separate images, which have no neighbours
      in time.
    `size_hw`: (height, width) in px of every frame.

    A reader of files may also have `missing`: positions below `num_frames` whose frame cannot be decoded, complete once
    `num_frames` was asked for (see `missing_frames`). Readers without it can read every frame. A reader of videos may
    have `fps`: frames per second, 0 if the file does not state them.
    """

    @property
    def num_frames(self) -> int | None: ...

    @property
    def size_hw(self) -> tuple[int, int]: ...

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these 0-based positions in this order.

        Raises:
          ValueError: if a frame cannot be read; the message names the file and the frame.
        """
        ...


def missing_frames(frames: Frames) -> frozenset[int]:
    """Returns the positions that a reader counts but cannot read. May decode a whole video."""
    if frames.num_frames is None:
        return frozenset()
    return frozenset(getattr(frames, "missing", ()))


@dataclasses.dataclass(frozen=True)
class Clip:
    """A clip and its labels.

    Args:
      name: unique in its source.
      frames: reader of all frames.
      labelled: int32 [N], position in the clip of each labelled frame, rising.
      joints: float32 [N, J, 2], (x, y) in frame px, NaN for unlabelled joints.
      visibility: uint8 [N, J], UNLABELLED, HIDDEN or VISIBLE.
      weights: float32 [N, J], annotation weight of each joint, above 0 (1: labelled carefully by a person); [N] is one
        weight for all joints of a frame; None: all 1. Those of unlabelled joints have no meaning.
      origins: N strings for messages, the place of each label (`file:row`); none: `<clip>:<frame>`.
      session: name of what was recorded together; `--test_clips` and splits keep its clips together. Empty: the name
        of the clip. A folder of pictures of several sizes is one session of several clips.
      group: name of what several sessions have in common (a film, a person, a day of recording): a split never cuts a
        group. Empty: the name of the session.
      landmarks: {name: float32 [N, 2]}, labelled points in frame px that no net learns, such as the hips that the size
        of the torso needs; NaN if unknown.
      source: short name of the source if there are several (`several_sources`); otherwise empty.
      part: "train", "validation" or "test" if the authors of the data set put the clip there; otherwise empty.
      frame_rate: frames per second; 0: that of the reader (`fps`), or unknown.
      region: what a net sees of the frames, (left, top, width, height) in frame px of its edges (`person_crop`); parts
        outside the frame are black. None: the whole frames. Joints and landmarks are in frame px all the same.

    Raises:
      ValueError: if shapes or values contradict each other, or the region has no area.
    """

    name: str
    frames: Frames
    labelled: np.ndarray
    joints: np.ndarray
    visibility: np.ndarray
    weights: np.ndarray = cast(np.ndarray, None)  # `__post_init__` turns None into an array
    origins: tuple[str, ...] = ()
    session: str = ""
    group: str = ""
    landmarks: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    part: str = ""
    source: str = ""
    frame_rate: float = 0.0
    region: Region | None = None

    def __post_init__(self) -> None:
        def keep(field: str, value: Any) -> None:  # the dataclass is frozen
            object.__setattr__(self, field, value)

        # Convert all fields to their types.
        keep("session", self.session or self.name)
        keep("group", self.group or self.session)
        keep("labelled", np.asarray(self.labelled, np.int32))
        with np.errstate(over="ignore"):  # 1e300 px become infinite, which is invalid
            keep("joints", np.asarray(self.joints, np.float32))
        keep("visibility", np.asarray(self.visibility, np.uint8))
        count = len(self.labelled)
        with np.errstate(over="ignore"):
            weights = np.asarray(np.ones(count) if self.weights is None else self.weights, np.float32)
        keep("landmarks", {name: np.asarray(points, np.float32) for name, points in self.landmarks.items()})
        keep("frame_rate", float(self.frame_rate or getattr(self.frames, "fps", 0.0)))
        keep("origins", tuple(self.origins) or tuple(f"{self.name}:{i}" for i in self.labelled))
        # Compare their shapes.
        if self.labelled.ndim != 1:
            raise ValueError(f"clip {self.name}: expected labelled frames [N], received {self.labelled.shape}")
        if self.joints.ndim != 3 or self.joints.shape[0] != count or self.joints.shape[2] != 2:
            raise ValueError(f"clip {self.name}: expected joints [{count}, J, 2], received {self.joints.shape}")
        if self.visibility.shape != self.joints.shape[:2]:
            raise ValueError(
                f"clip {self.name}: expected visibility {self.joints.shape[:2]}, received {self.visibility.shape}"
            )
        if weights.shape not in ((count,), self.visibility.shape) or len(self.origins) != count:
            raise ValueError(
                f"clip {self.name}: expected {count} weights and origins (or weights {self.visibility.shape})"
            )
        each = weights if weights.ndim == 2 else weights[:, None]
        keep("weights", np.broadcast_to(each, self.visibility.shape))
        if self.part not in ("", *PARTS):
            raise ValueError(f"clip {self.name}: expected a part of {', '.join(PARTS)} or none, received {self.part!r}")
        if not (math.isfinite(self.frame_rate) and self.frame_rate >= 0):
            raise ValueError(f"clip {self.name}: expected a frame rate of 0 or more, received {self.frame_rate}")
        if self.region is not None:
            keep("region", tuple(map(float, self.region)))
            if len(self.region) != 4 or not (all(map(math.isfinite, self.region)) and min(self.region[2:]) > 0):
                raise ValueError(
                    f"clip {self.name}: expected a region (left, top, width, height) with an area, received "
                    f"{self.region}"
                )
        for name, points in self.landmarks.items():
            if points.shape != (count, 2):
                raise ValueError(f"clip {self.name}: expected landmark {name} [{count}, 2], received {points.shape}")
        missing = np.isnan(self.joints).any(-1)
        if (missing != (self.visibility == UNLABELLED)).any():
            raise ValueError(f"clip {self.name}: expected NaN for unlabelled joints and for no others")

    @property
    def num_labelled(self) -> int:
        """N, the number of labelled frames."""
        return len(self.labelled)

    def select(self, rows: np.ndarray | Sequence[int] | Sequence[bool] | slice) -> Clip:
        """Returns the clip with only these rows of its labels (bool [N], positions or a slice)."""
        rows = np.arange(self.num_labelled)[rows]
        return dataclasses.replace(
            self,
            labelled=self.labelled[rows],
            joints=self.joints[rows],
            visibility=self.visibility[rows],
            weights=self.weights[rows],
            origins=tuple(self.origins[r] for r in rows),
            landmarks={name: points[rows] for name, points in self.landmarks.items()},
        )

    def has_neighbours(self, row: int) -> bool:
        """Whether labelled frame `row` is in a video: not a separate image, not past the end, not damaged there."""
        count = self.frames.num_frames
        center = int(self.labelled[row])
        return count is not None and center < count and center not in missing_frames(self.frames)

    def window(self, row: int, offsets: Sequence[int] = (0,)) -> tuple[list[int], np.ndarray]:
        """Finds the frames of the window around a labelled frame.

        Args:
          row: the labelled frame.
          offsets: T offsets from it in frames, or `TimedOffsets`, which follow from the frame rate of the clip.

        Returns:
          T positions in the clip, and bool [T], whether each exists. In place of a neighbour that does not exist
          (before the first frame, after the last, damaged, or further away in time than the window reaches) stands the
          nearest existing frame towards the labelled one. In place of all neighbours of a labelled frame without any
          stands that frame.
        """
        center = int(self.labelled[row])
        shifts, within = self._shifts(offsets)
        if not shifts.any():  # without `num_frames`, which may decode a whole video
            return [center] * len(shifts), np.ones(len(shifts), bool) & within
        if not self.has_neighbours(row):
            return [center] * len(shifts), shifts == 0
        last = cast(int, self.frames.num_frames) - 1
        missing = missing_frames(self.frames)
        wanted = (center + shifts).tolist()
        places = [_nearest_existing(min(max(place, 0), last), center, missing) for place in wanted]
        return places, (np.asarray(places) == wanted) & within

    def _shifts(self, offsets):
        """The offsets in frames of this clip, int [T], and bool [T]: whether each is in the window."""
        if not isinstance(offsets, TimedOffsets):
            return np.asarray(offsets), True
        in_frames, reach = offsets.at_rate(self.frame_rate)
        shifts = np.clip(in_frames, -reach, reach)
        return shifts, shifts == in_frames

    def read_window(self, row: int, offsets: Sequence[int] = (0,)) -> np.ndarray:
        """Returns uint8 [T, H, W, 3]: the frames of `window`.

        Raises:
          ValueError: if `offsets` ask for neighbours and the frame has none, or a frame cannot be read.
        """
        if any(offsets) and not self.has_neighbours(row):
            raise ValueError(
                f"{self.origins[row]}: frame {int(self.labelled[row])} of clip {self.name} has no neighbours to read"
            )
        return self.frames.read(self.window(row, offsets)[0])


def _nearest_existing(place, center, missing):
    """The first position from `place` towards `center` that is not missing; `center` must exist."""
    while place in missing:
        place += 1 if place < center else -1
    return place


class ArrayFrames:
    """Frames in memory (a `Frames`).

    Args:
      array: uint8 RGB [T, H, W, 3].

    Raises:
      ValueError: for another shape.
    """

    def __init__(self, array: np.ndarray) -> None:
        self.array = np.asarray(array, np.uint8)
        if self.array.ndim != 4 or self.array.shape[-1] != 3:
            raise ValueError(f"expected frames uint8 [T, H, W, 3], received shape {self.array.shape}")
        self.num_frames = len(self.array)
        self.size_hw = (self.array.shape[1], self.array.shape[2])

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these 0-based positions in this order.

        Raises:
          ValueError: if a position does not exist.
        """
        indices = list(indices)
        for index in indices:
            if not 0 <= index < self.num_frames:
                raise ValueError(f"expected frame positions 0 to {self.num_frames - 1}, received {index}")
        return self.array[indices]
