"""A DeepLabCut project that gets labels: what it holds, and how it is written. Every changed file is backed up first.

`merged_labels.json` in the project remembers each label that was merged and how old it was, so that the same labels
can be merged again without effect, and a label that was corrected in the project since is not undone.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil

import numpy as np

from keras_pose import files, locks
from keras_pose.data.importers.deeplabcut import config as deeplabcut
from keras_pose.labelling import deeplabcut_config, label_tables, labelled_folders
from keras_pose.labelling.labelled_folders import LabelledFolder
from keras_pose.media.images import read_image
from keras_pose.skeleton import Skeleton

MEMORY = "merged_labels.json"
BACKUPS = "backups"


@dataclasses.dataclass(eq=False)
class LabelProject:
    """A project.

    Args:
      path: its folder.
      skeleton: its joints.
      scorer: whose labels it holds.
      folders: {name: labels}.
      memory: {"<folder>/<picture>": {"label": digest, "changed_s": when it was made}} of merged labels.
      is_new: whether there is no config.yaml yet.
    """

    path: str
    skeleton: Skeleton
    scorer: str
    folders: dict[str, LabelledFolder]
    memory: dict[str, dict]
    is_new: bool = False

    def picture_path(self, folder: str, name: str) -> str:
        """Returns the path of a picture."""
        return os.path.join(self.path, label_tables.FOLDER, folder, name)

    def read_picture(self, folder: str, name: str) -> np.ndarray | None:
        """Returns uint8 RGB [H, W, 3]; None if there is no such file or it cannot be read."""
        path = self.picture_path(folder, name)
        try:
            return read_image(path) if os.path.isfile(path) else None
        except ValueError:
            return None

    def age_of(self, folder: str, name: str) -> float:
        """Returns when the label of a row was made, in s: as remembered if it has not changed since, else its table."""
        known = self.memory.get(f"{folder}/{name}")
        labels = self.folders[folder]
        if known and known["label"] == digest_label(labels.rows[name]):
            return float(known["changed_s"])
        return labels.changed_s

    def write(self, changed: list[str], videos: list[tuple[str, tuple[int, int]]]) -> str:
        """Writes the tables of the changed folders, the config and the memory.

        Args:
          changed: names of folders.
          videos: (path, (height, width)) of videos that the config must list.

        Returns:
          The folder of the backup; "" if nothing was there before.
        """
        tables = {}
        for name in changed:
            labels = self.folders[name]
            for ending in (".h5", ".csv"):
                tables[self.picture_path(name, f"CollectedData_{labels.scorer}{ending}")] = name
        config, text = self._new_config(videos)
        memory = os.path.join(self.path, MEMORY)
        backup = self._back_up([*tables, *([config] if text else []), memory])
        if text:
            files.write_text(config, text)
        for path, name in tables.items():
            labels = self.folders[name]
            rows = dict(sorted(labels.rows.items()))
            table = label_tables.make_table(name, rows, self.skeleton.joints, labels.scorer)
            (label_tables.write_h5 if path.endswith(".h5") else label_tables.write_csv)(path, table)
        files.write_json(memory, dict(sorted(self.memory.items())))
        return backup

    def _new_config(self, videos):
        """The path of the config, and its new text; "" if it need not change."""
        if self.is_new:
            path = deeplabcut_config.write_config(self.path, self.skeleton, self.scorer, {})
        else:
            path = deeplabcut.find_config(self.path)
        old = files.read_text(path)
        new = deeplabcut_config.add_videos(old, videos)
        return path, new if new != old else ""

    def _back_up(self, paths):
        """Copies files to a new folder of backups; returns it."""
        paths = [path for path in paths if os.path.exists(path)]
        if not paths or self.is_new:
            return ""
        number = 1
        while os.path.exists(os.path.join(self.path, BACKUPS, f"merge-{number:03d}")):
            number += 1
        folder = os.path.join(self.path, BACKUPS, f"merge-{number:03d}")
        for path in paths:
            place = os.path.join(folder, os.path.relpath(path, self.path))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            shutil.copy2(path, place)
        return folder


def open_project(path: str, skeleton: Skeleton, scorer: str) -> LabelProject:
    """Opens a project, or prepares a new one.

    Args:
      path: its folder; it may be missing or empty.
      skeleton: the joints of a new project.
      scorer: the scorer of a new project.

    Raises:
      ValueError: if the folder holds something else, or labels that cannot be read.
    """
    if not os.path.exists(path) or (os.path.isdir(path) and set(os.listdir(path)) <= {locks.FILE_NAME}):
        return LabelProject(path, skeleton, scorer, {}, {}, is_new=True)
    if not os.path.isdir(path):
        raise ValueError(f"--into: expected the folder of a DeepLabCut project, received the file {path}")
    config = deeplabcut.read_config(deeplabcut.find_config(path))
    if config.individuals:
        raise ValueError(f"--into: expected a project of one individual, {config.path} lists several")
    folders = labelled_folders.read_folders(path, config)
    memory = os.path.join(path, MEMORY)
    known = files.read_json(memory) if os.path.exists(memory) else {}
    return LabelProject(path, config.skeleton, config.scorer or scorer, folders, known)


def digest_label(points: np.ndarray) -> str:
    """Returns the SHA-256 of a label, float [J, 2], to a thousandth of a px."""
    return hashlib.sha256(np.round(np.nan_to_num(points, nan=-1e6) * 1000).astype(np.int64).tobytes()).hexdigest()


def digest_picture(picture: np.ndarray) -> str:
    """Returns the SHA-256 of the pixels of a picture, uint8 [H, W, 3], whatever file they come from."""
    digest = hashlib.sha256(repr(picture.shape).encode())
    digest.update(np.ascontiguousarray(picture).tobytes())
    return digest.hexdigest()
