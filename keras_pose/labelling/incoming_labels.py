"""Labels to be merged into a project: one for each labelled frame of a source, in the joint order of the project."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator

import numpy as np

from keras_pose.data.clip import HIDDEN, Clip
from keras_pose.data.importers.names import NameIndex
from keras_pose.data.source import Source
from keras_pose.labelling.existing_labels import in_order
from keras_pose.labelling.labelled_folders import frame_number
from keras_pose.media import endings
from keras_pose.skeleton import Skeleton
from keras_pose.words import shorten_list


@dataclasses.dataclass(frozen=True, eq=False)
class IncomingLabel:
    """A label.

    Args:
      folder: name of its clip.
      key: the number of its frame, or the name of its picture if that has no number of a frame.
      name: name for its picture.
      points: float64 [J, 2], px, NaN: unlabelled; joints in the order of the project.
      known: bool [J], the joints that the source has.
      changed_s: when its file was changed last.
      clip: the clip that reads its picture.
      position: its position there.
    """

    folder: str
    key: int | str
    name: str
    points: np.ndarray
    known: np.ndarray
    changed_s: float
    clip: Clip
    position: int

    def read_picture(self) -> np.ndarray:
        """Returns uint8 RGB [H, W, 3].

        Raises:
          ValueError: if it cannot be read; the message names it.
        """
        return self.clip.frames.read([self.position])[0]


def check_source(source: Source, project: Skeleton, into: str) -> None:
    """Checks that the labels can be merged.

    Raises:
      ValueError: for labels that cannot be read, or joints that the project does not have.
    """
    if source.problems:
        messages = [problem.message for problem in source.problems]
        raise ValueError(f"--labels: {len(messages)} labels cannot be read, correct them first: {messages[0]}")
    index = NameIndex(project.joints)
    unknown = [name for name in source.skeleton.joints if index.find(name) is None]
    if unknown:
        raise ValueError(
            f"--labels: expected the joints of {into} ({', '.join(project.joints)}), received {shorten_list(unknown)}; "
            "rename them, or add them to `bodyparts` in its config.yaml"
        )


def read_labels(source: Source, project: Skeleton) -> Iterator[IncomingLabel]:
    """Yields the labels of a source, clip by clip."""
    index = NameIndex(source.skeleton.joints)
    known = np.array([index.find(name) is not None for name in project.joints])
    for clip in source.clips:
        points = in_order(clip.joints, source.skeleton, project).astype(np.float64)
        paths = getattr(clip.frames, "paths", {})
        for row in range(clip.num_labelled):
            position = int(clip.labelled[row])
            stem = os.path.splitext(os.path.basename(paths[position]))[0] if position in paths else ""
            numbered = not stem or frame_number(f"{stem}.png") == position
            name = f"{stem}.png" if stem else f"img{position:04d}.png"
            key = position if numbered else name
            changed = _changed(clip.origins[row], source.name)
            yield IncomingLabel(_folder(clip), key, name, points[row], known, changed, clip, position)


def count_hidden(source: Source) -> int:
    """Returns the number of labels that are marked as hidden; DeepLabCut cannot store that."""
    return sum(int((clip.visibility == HIDDEN).sum()) for clip in source.clips)


def _folder(clip):
    """The name of a clip as DeepLabCut would call it: that of its video without folder and ending."""
    name = clip.session.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return os.path.splitext(name)[0] if endings.has_video_ending(name) else name


def _changed(origin, source_name):
    """When the file of a label was changed last, in s; 0 if it is unknown."""
    for path in (origin.rpartition(":")[0], source_name):
        if path and os.path.isfile(path):
            return os.stat(path).st_mtime
    return 0.0
