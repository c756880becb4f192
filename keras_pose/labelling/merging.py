"""Merges corrected labels into a DeepLabCut project, from which `train.py --data` learns.

- A frame is the same if clip and number are, or if its picture has the same pixels under another name.
- A label that is in both and differs: the newer wins. The one that an earlier merge brought counts as old as it was
  then; if it was changed in the project since, it is never undone by the same label again.
- Joints go by name. A joint that the merged labels do not know keeps its label.
- Nothing is written if anything is wrong. Tables that change are copied to `backups/merge-<number>` first, and pictures
  are never overwritten. To merge the same labels again changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from keras_pose import console, files, locks
from keras_pose.data.open_source import open_source
from keras_pose.data.person_crop import NONE
from keras_pose.data.source import Source
from keras_pose.labelling import incoming_labels, label_project, label_tables
from keras_pose.labelling.config import MergeConfig
from keras_pose.labelling.merge_plan import CHANGED, KEPT, NEW, SAME, Merge, Planner
from keras_pose.viz import pictures
from keras_pose.words import shorten_list

_DEFAULT_SCORER = "labeller"


def merge(config: MergeConfig, echo: Callable[[str], None] = console.show) -> Merge:
    """Merges labels into a project.

    Args:
      config: what into what.
      echo: function that shows a line of text.

    Raises:
      ValueError: for labels that cannot be read or do not fit; nothing is changed then.
      OSError: if the project cannot be written.
    """
    waiting, has_labels = label_tables.find_machine_labels(config.labels)
    if waiting and not has_labels:
        raise ValueError(
            f"--labels: {config.labels} holds only machine labels ({shorten_list(waiting)}): correct them in "
            "DeepLabCut's labelling window and save the layer, which makes CollectedData_<scorer>"
        )
    source = open_source(config.labels, scorer=config.scorer, person_crop=NONE)
    if _is_same_folder(config.labels, config.into):
        raise ValueError(f"--into: expected another project than --labels, received {config.into} for both")
    if not config.dry_run:
        label_tables.check_tables()
        files.check_folder(config.into, "--into")
    project = label_project.open_project(config.into, source.skeleton, config.scorer or _scorer_of(source))
    incoming_labels.check_source(source, project.skeleton, config.into)
    done = Merge()
    planner = Planner(project, done)
    for label in incoming_labels.read_labels(source, project.skeleton):
        planner.take(label)
    if not config.dry_run and planner.changed:
        os.makedirs(config.into, exist_ok=True)
        with locks.hold_folder(config.into, f"--into: another process merges into {config.into}"):
            for path, label in planner.pictures.items():
                pictures.save_png(path, label.read_picture())
            done.backup = project.write(sorted(planner.changed), _videos(planner.changed))
    _report(done, config, source, echo)
    if waiting:
        echo(f"note: machine labels that nobody has saved yet were not merged: {shorten_list(waiting)}")
    return done


def _videos(changed):
    """(path, size) of the videos of changed folders that their frames are read from."""
    found = []
    for folder in changed:
        label = changed[folder]
        video = getattr(label.clip.frames, "video", label.clip.frames)
        path = getattr(video, "path", "")
        found.append((os.path.abspath(path) if path else f"{folder}.mp4", tuple(label.clip.frames.size_hw)))
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
