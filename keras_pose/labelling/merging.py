"""Merges corrected labels into a DeepLabCut project, from which `train.py --data` learns.

- A frame is the same if clip and number are, or if its picture has the same pixels under another name.
- A label that is in both and differs: the newer wins. The one that an earlier merge brought counts as old as it was
  then; if it was changed in the project since, it is never undone by the same label again.
- Joints go by name. A joint that the merged labels do not know keeps its label.
- Nothing is written if anything is wrong. Tables that change are copied to `backups/merge-<number>` first, and pictures
  are never overwritten. To merge the same labels again changes nothing.
"""

from __future__ import annotations

import collections
import dataclasses
import os
from collections.abc import Callable

import numpy as np

from keras_pose import console, files
from keras_pose.data.importers.names import NameIndex, shorten_list
from keras_pose.data.open_source import open_source
from keras_pose.data.source import Source
from keras_pose.labelling import incoming_labels, label_project, label_tables
from keras_pose.labelling.config import MergeConfig
from keras_pose.labelling.incoming_labels import IncomingLabel
from keras_pose.labelling.label_project import LabelledFolder, LabelProject
from keras_pose.viz import pictures

NEW = "new"
CHANGED = "changed"
SAME = "the same"
KEPT = "kept, newer in the project"
_TOLERANCE_PX = 0.01
_DIFFERS = 4.0  # mean grey levels; the same frame after another compression stays below
_DEFAULT_SCORER = "labeller"


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


def merge(config: MergeConfig, echo: Callable[[str], None] = console.show) -> Merge:
    """Merges labels into a project.

    Args:
      config: what into what.
      echo: function that shows a line of text.

    Raises:
      ValueError: for labels that cannot be read or do not fit; nothing is changed then.
      OSError: if the project cannot be written.
    """
    source = open_source(config.labels, scorer=config.scorer)
    if _is_same_folder(config.labels, config.into):
        raise ValueError(f"--into: expected another project than --labels, received {config.into} for both")
    if not config.dry_run:
        label_tables.check_tables()
        files.check_folder(config.into, "--into")
    project = label_project.open_project(config.into, source.skeleton, config.scorer or _scorer_of(source))
    incoming_labels.check_source(source, project.skeleton, config.into)
    done = Merge()
    planner = _Planner(project, done)
    for label in incoming_labels.read_labels(source, project.skeleton):
        planner.take(label)
    if not config.dry_run and (planner.changed or planner.remembered):
        os.makedirs(config.into, exist_ok=True)
        with files.hold_folder(config.into, f"--into: another process merges into {config.into}"):
            for path, label in planner.pictures.items():
                pictures.save_png(path, label.read_picture())
            if planner.changed:
                done.backup = project.write(sorted(planner.changed), _videos(planner.changed, source))
            else:
                files.write_json(os.path.join(config.into, label_project.MEMORY), dict(sorted(project.memory.items())))
    _report(done, config, source, echo)
    return done


class _Planner:
    """Decides about one label after the other, and changes the project in memory."""

    def __init__(self, project: LabelProject, done: Merge) -> None:
        self._project = project
        self._done = done
        self._index = NameIndex(project.folders)
        self._digests: dict[str, tuple[str, str]] | None = None
        self._added: set[str] = set()
        self.changed: dict[str, IncomingLabel] = {}  # one label of each changed folder
        self.remembered = False
        self.pictures: dict[str, IncomingLabel] = {}

    def take(self, label: IncomingLabel) -> None:
        """Decides about a label."""
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
        self.remembered = True
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


def _videos(changed, source):
    """(path, size) of the videos of changed folders that their frames are read from."""
    found = []
    for folder in changed:
        label = changed[folder]
        video = getattr(label.clip.frames, "video", label.clip.frames)
        path = getattr(video, "path", "")
        found.append((os.path.abspath(path) if path else f"{folder}.mp4", tuple(label.clip.frames.size_hw)))
    del source
    return found


def _report(done, config, source, echo):
    verb = "would merge" if config.dry_run else "merged"
    parts = [f"{done.counts[kind]} {kind}" for kind in (NEW, CHANGED, SAME, KEPT) if done.counts[kind]]
    echo(f"{verb} {sum(done.counts.values())} labelled frames into {config.into}: {', '.join(parts) or 'none'}")
    if done.counts[CHANGED]:
        echo(f"changed, as the newer label wins: {shorten_list(done.places[CHANGED])}")
    if done.counts[KEPT]:
        echo(f"kept, as the label in the project is newer: {shorten_list(done.places[KEPT])}")
    if done.under_other_names:
        pairs = [f"{theirs} is {ours}" for theirs, ours in done.under_other_names]
        echo(f"the same pictures under other names: {shorten_list(pairs)}")
    hidden = incoming_labels.count_hidden(source)
    if hidden:
        echo(f"note: {hidden} joints are marked as hidden; DeepLabCut cannot store that, so they become plain labels")
    if done.backup:
        echo(f"the files as they were: {done.backup}")


def _is_same_folder(a, b):
    def place(path):
        path = os.path.realpath(path)
        return os.path.dirname(path) if os.path.isfile(path) else path

    return os.path.exists(b) and place(a) == place(b)


def _scorer_of(source: Source) -> str:
    from keras_pose.data import importers
    from keras_pose.data.importers.deeplabcut import config as deeplabcut

    if source.name and importers.is_deeplabcut_project(source.name):
        return deeplabcut.read_config(deeplabcut.find_config(source.name)).scorer or _DEFAULT_SCORER
    return _DEFAULT_SCORER
