"""Decides which labels become part of a project: new, changed, the same, or older than what is there."""

from __future__ import annotations

import collections
import dataclasses
import os

import numpy as np

from keras_pose.data.importers.names import NameIndex
from keras_pose.labelling import label_project
from keras_pose.labelling.incoming_labels import IncomingLabel
from keras_pose.labelling.label_project import LabelProject
from keras_pose.labelling.labelled_folders import LabelledFolder

NEW = "new"
CHANGED = "changed"
SAME = "the same"
KEPT = "kept, newer in the project"
_TOLERANCE_PX = 0.01
_DIFFERS = 4.0  # mean grey levels; the same frame after another compression stays below


@dataclasses.dataclass
class Merge:
    """What a merge did, or would do.

    Args:
      counts: {NEW, CHANGED, SAME or KEPT: number of frames}.
      places: {the same: "<folder>/<picture>" of each}.
      under_other_names: frames that were found by their pixels: (name in the merged labels, name in the project).
      backup: folder of the backup; empty if nothing was overwritten.
    """

    counts: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    places: dict[str, list[str]] = dataclasses.field(default_factory=lambda: collections.defaultdict(list))
    under_other_names: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    backup: str = ""

    def add(self, kind: str, place: str) -> None:
        """Counts a frame."""
        self.counts[kind] += 1
        self.places[kind].append(place)


class Planner:
    """Decides about one label after the other, and changes the project in memory; writes nothing.

    Args:
      project: gets the labels.
      done: counts what happens.

    Attributes:
      changed: {name of a changed folder: one of its labels}.
      pictures: {path of a picture to write: the label that has it}.
    """

    def __init__(self, project: LabelProject, done: Merge) -> None:
        self._project = project
        self._done = done
        self._index = NameIndex(project.folders)
        self._digests: dict[str, tuple[str, str]] | None = None
        self._added: set[str] = set()
        self.changed: dict[str, IncomingLabel] = {}
        self.pictures: dict[str, IncomingLabel] = {}

    def take(self, label: IncomingLabel) -> None:
        """Decides about a label.

        Raises:
          ValueError: if its picture cannot be read, or shows something else than the project's of the same name.
        """
        folder = self._index.find(label.folder) or label.folder
        name = self._project.folders[folder].find(label.key) if folder in self._project.folders else None
        picture = label.read_picture()
        if name is not None:
            self._check_picture(label, picture, folder, name)
        else:
            found = self._digests_of_project().get(label_project.digest_picture(picture))
            if found is None:
                self._add(label, folder, picture)
                return
            folder, name = found
            if (f"{folder}/{name}") != f"{label.folder}/{label.name}":
                self._done.under_other_names.append((f"{label.folder}/{label.name}", f"{folder}/{name}"))
        self._compare(label, folder, name)

    def _add(self, label, folder, picture):
        labels = self._project.folders.get(folder)
        if labels is None:
            labels = LabelledFolder(folder, self._project.scorer, {})
            self._project.folders[folder] = labels
            self._index = NameIndex(self._project.folders)
        existing = self._project.read_picture(folder, label.name)
        path = self._project.picture_path(folder, label.name)
        if existing is None and os.path.exists(path):
            raise ValueError(f"{path}: a picture of this name is there and cannot be read; remove or repair it")
        if existing is not None:
            _check_same_picture(picture, existing, label, path)
        else:
            self.pictures[path] = label
        labels.rows[label.name] = np.where(label.known[:, None], label.points, np.nan)
        self._digests_of_project()[label_project.digest_picture(picture)] = (folder, label.name)
        self._added.add(f"{folder}/{label.name}")
        self._note(label, folder, label.name, NEW)

    def _compare(self, label, folder, name):
        place = f"{folder}/{name}"
        old = self._project.folders[folder].rows[name]
        new = np.where(label.known[:, None], label.points, old)
        if np.allclose(new, old, rtol=0, atol=_TOLERANCE_PX, equal_nan=True):
            self._done.add(SAME, place)
            return
        memory = self._project.memory.get(place)
        merged_before = memory is not None and memory.get("incoming") == label_project.digest_label(label.points)
        newer = label.changed_s >= self._project.age_of(folder, name) or not np.isfinite(old).any()
        if place in self._added or merged_before or not newer:
            self._done.add(KEPT, place)
            return
        self._project.folders[folder].rows[name] = new
        self._note(label, folder, name, CHANGED)

    def _note(self, label, folder, name, kind):
        place = f"{folder}/{name}"
        self._done.add(kind, place)
        self.changed.setdefault(folder, label)
        self._project.memory[place] = {
            "label": label_project.digest_label(self._project.folders[folder].rows[name]),
            "incoming": label_project.digest_label(label.points),
            "changed_s": label.changed_s,
        }

    def _check_picture(self, label, picture, folder, name):
        """Two videos may have one name: then the frame of a number shows something else."""
        existing = self._project.read_picture(folder, name)
        if existing is not None:
            _check_same_picture(picture, existing, label, self._project.picture_path(folder, name))

    def _digests_of_project(self):
        """{digest of the pixels: (folder, picture)} of all labelled pictures of the project; read once."""
        if self._digests is None:
            self._digests = {}
            for folder, labels in self._project.folders.items():
                for name in labels.rows:
                    picture = self._project.read_picture(folder, name)
                    if picture is not None:
                        self._digests.setdefault(label_project.digest_picture(picture), (folder, name))
        return self._digests


def _check_same_picture(picture, existing, label, path):
    same_size = picture.shape == existing.shape
    if not same_size or np.abs(picture.astype(np.int16) - existing).mean() > _DIFFERS:
        raise ValueError(
            f"{path}: expected the picture of frame {label.key} of {label.folder} in --labels, found another one: two "
            "videos of one name? Rename one of them, and its folder in labeled-data"
        )
