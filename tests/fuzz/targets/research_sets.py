"""Folders of research sets, annotations, shards and Caffe nets, damaged as downloads are.

Files are missing, empty, cut, or have changed bytes. The labels are counted and compared with those of the whole set:
what is not read must be told by an error, a note or a line about what was left out. A changed value in a file of labels
cannot be told from another one, so after such a change only the form of errors is checked.
"""

from __future__ import annotations

import atexit
import collections
import functools
import os
import pathlib
import random
import shutil
import tempfile
from collections.abc import Callable

import numpy as np

from keras_pose import files
from keras_pose.data import validation
from keras_pose.data.importers import annotated_videos
from keras_pose.data.open_source import open_source
from keras_pose.data.pictures.check import inspect_pictures
from keras_pose.media.file_digests import digest_video
from tests.fuzz import oracle
from tests.fuzz.changes import raw
from tests.helpers import caffe_files, jhmdb_folders, picture_sets, research_folders, sharded, suggested_frames

_MOST_CHANGES = 2
_LABELS = (".mat", ".h5", ".json", ".npz", ".txt")


def _write_flic(folder):
    examples = [picture_sets.flic_example(film, n) for film in ("hitch", "giant") for n in (1, 5)]
    return picture_sets.write_flic(folder, examples)


def _write_hourglass(folder):
    """FLIC as pose-hg-train has it."""
    for part, count in (("train", 3), ("valid", 2)):
        names = [f"film-{part}{n:08d}.jpg" for n in range(count)]
        parts = np.repeat(picture_sets.FLIC_JOINTS[None], count, 0)
        picture_sets.write_hourglass(folder / "annot" / f"{part}.h5", parts, names)
        for name in names:
            picture_sets.write_picture(folder / "images" / name)
    return folder


def _write_mpii(folder):
    points = [picture_sets.mpii_point(j, *picture_sets.MPII_JOINTS[j], 1.0) for j in range(16)]
    pictures = [(f"{n}.jpg", float(n), [picture_sets.mpii_person(points)]) for n in range(4)]
    picture_sets.write_mpii_release(folder, pictures)
    for name, _, _ in pictures:
        picture_sets.write_picture(folder / "images" / name)
    return folder


def _write_posetrack(folder):
    videos = [("000001_bonn_train", "train"), ("000342_mpii_test", "val")]
    return picture_sets.write_posetrack(folder, [picture_sets.posetrack_video(*video) for video in videos])


def _write_shards(folder):
    return pathlib.Path(sharded.prepare(folder / "s", **sharded.SIGNERS, frames_per_shard=5)[0])


def _write_annotations(folder):
    """Two annotated videos beside the folder of their labels; frame 3 has none."""
    entries = []
    for seed, name in enumerate(("one", "two")):
        path = suggested_frames.write_clip(folder / "videos" / f"{name}.avi", 5, seed)
        weights = np.full((5, 2), 0.5, np.float32)
        weights[3] = 0
        joints = suggested_frames.true_joints(5)
        files.write_arrays(
            folder / "out" / f"{name}.npz", {"frames": np.arange(5), "joints": joints, "weights": weights}
        )
        about = {"path": f"/nowhere/{name}.avi", "relative_path": f"../videos/{name}.avi", "digest": digest_video(path)}
        entries.append({"name": name, "status": "labelled", "file": f"{name}.npz", **about})
    skeleton = suggested_frames.SKELETON.to_dict()
    head = {"format": annotated_videos.FORMAT, "teacher": {"name": "net"}, "settings": {}, "skeleton": skeleton}
    files.write_json(folder / "out" / annotated_videos.FILE_NAME, {**head, "videos": entries})
    return folder / "out"


_WRITERS: dict[str, Callable] = {
    "jhmdb": lambda folder: jhmdb_folders.write(folder) or folder,
    "penn_action": research_folders.write_penn_action,
    "flic_matlab": _write_flic,
    "flic_hourglass": _write_hourglass,
    "mpii": _write_mpii,
    "posetrack": _write_posetrack,
    "bbc_pose": research_folders.write_bbc_pose,
    "poses_in_the_wild": research_folders.write_poses_in_the_wild,
    "chalearn": research_folders.write_chalearn,
    "annotations": _write_annotations,
    "shards": _write_shards,
}


@functools.cache
def _whole(name: str) -> tuple[str, str, collections.Counter, frozenset]:
    """Writes a set once; returns its folder, what to open in it, the numbers of its labels, and its messages."""
    root = tempfile.mkdtemp(prefix=f"fuzz-{name}-")
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    spec = os.path.relpath(_WRITERS[name](pathlib.Path(root)), root)
    labels, messages = _read(os.path.join(root, spec))
    return root, spec, labels, messages


def run(name: str, rng: random.Random, folder: str, log: list) -> bool:
    """Damages up to two files of a set.

    Args:
      name: one of `_WRITERS`.
      rng, folder, log: see `rounds.Target`.
    """
    root, spec, labels, usual = _whole(name)
    shutil.copytree(root, folder, dirs_exist_ok=True)
    paths = sorted(str(path) for path in pathlib.Path(folder).rglob("*") if path.is_file())
    changed = [_damage(rng, rng.choice(paths), log) for _ in range(rng.randrange(_MOST_CHANGES + 1))]
    if rng.randrange(8) == 0:
        changed.append(_remove_all_like(rng.choice(paths), paths, log))
    found = oracle.attempt(_read, os.path.join(folder, spec), names=(folder, "--"))
    if found.error is not None:
        if not changed:
            raise oracle.Fault("good data refused", str(found.error), oracle.place_of(found.error))
        return False
    now, messages = found.value
    lost = {} if "labels" in changed else labels - now
    told = {message.replace(folder, "") for message in messages} - {message.replace(root, "") for message in usual}
    oracle.expect(not lost or bool(told or found.warnings), "left out without a word", f"{list(lost)[:5]}", name)
    return True


def _damage(rng, path, log):
    """Removes or changes a file; returns "labels" if labels may have other values now, else "file"."""
    kind = rng.choice(("removed", "empty", "cut", "bytes", "bytes", "bytes"))
    log.append(f"{kind}: {os.path.basename(path)}")
    if not os.path.exists(path):
        return "file"
    if kind == "removed":
        os.remove(path)
        return "file"
    data = pathlib.Path(path).read_bytes()
    if kind == "empty" or not data:
        data = b""
    else:
        data = raw.cut_end(rng, data, log) if kind == "cut" else raw.change_bytes(rng, data, log)
    pathlib.Path(path).write_bytes(data)
    return "labels" if kind == "bytes" and os.path.splitext(path)[1] in _LABELS else "file"


def _remove_all_like(path, paths, log):
    """Removes all files of an ending, as if a part of the download were missing."""
    ending = os.path.splitext(path)[1]
    log.append(f"all removed: *{ending}")
    for other in paths:
        if other.endswith(ending) and os.path.exists(other):
            os.remove(other)
    return "file"


def _read(spec):
    """Counts the labels by session and joint of a source whose bad labels are left out; and what is said about it."""
    source = open_source(spec)
    facts = inspect_pictures(source.clips)
    source = validation.validate(source, "skip", facts=facts)
    labels: collections.Counter = collections.Counter()
    for clip in source.clips:
        for joint, name in enumerate(source.skeleton.joints):
            labels[clip.session, name] += int((clip.visibility[:, joint] > 0).sum())
        clip.frames.read(clip.labelled[:1].tolist())
    return labels, frozenset(filter(None, [*source.skipped, *source.notes, source.summary]))


def run_caffe(rng: random.Random, folder: str, log: list) -> bool:
    """Damages a caffemodel or its prototxt."""
    from keras_pose.caffe import net_files

    paths = _caffe_net()
    own = [shutil.copy(path, folder) for path in paths]
    for _ in range(rng.randrange(_MOST_CHANGES + 1)):
        _damage(rng, rng.choice(own), log)
    for path, reader in zip(own, (net_files.read_weights, net_files.read_description)):
        if oracle.attempt(reader, path, names=(folder, "--")).error is not None:
            return False
    return True


@functools.cache
def _caffe_net():
    root = tempfile.mkdtemp(prefix="fuzz-caffe-")
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return caffe_files.write_net(pathlib.Path(root), caffe_files.draw_weights(), size_hw=(64, 96))


def run_research_set(rng: random.Random, folder: str, log: list) -> bool:
    """Damages one of the research sets."""
    name = rng.choice([name for name in _WRITERS if name not in ("annotations", "shards")])
    log.append(name)
    return run(name, rng, folder, log)


TARGETS = {
    "research_sets": run_research_set,
    "annotations": functools.partial(run, "annotations"),
    "shards": functools.partial(run, "shards"),
    "caffe": run_caffe,
}
