"""From videos to a folder of annotations: each is labelled and recorded; one that fails does not stop the others.

A stopped command goes on where it was: finished videos are skipped, and the teacher's poses of the video that it was at
are kept part by part. The files are the same to the last byte.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import time
from collections.abc import Callable, Sequence
from typing import Any

from keras_pose import console, files
from keras_pose.analysis.names import name_videos
from keras_pose.annotating import contact_sheet, quality, record, teachers, video_labels, weighting
from keras_pose.annotating.config import AnnotateConfig
from keras_pose.inference.pose_model import PoseModel
from keras_pose.media.file_digests import digest_video
from keras_pose.skeleton import Skeleton


def annotate(config: AnnotateConfig, videos: Sequence[str], echo: Callable[[str], None] = console.show) -> int:
    """Labels videos.

    Args:
      config: the flags.
      videos: paths of the videos.
      echo: function that shows a line of text.

    Returns:
      How many videos failed.

    Raises:
      ValueError: if the teacher cannot be opened or lacks joints, the folder holds other annotations, another process
        writes to it, or the teacher is too unsure in all videos.
      OSError: if the folder cannot be written.
    """
    teacher = teachers.open_teacher(config.teacher, config.teacher_python)
    skeleton, places = teachers.choose_joints(teacher.skeleton, config.joint_names)
    with files.name_unwritable(config.out_dir):
        os.makedirs(config.out_dir, exist_ok=True)
    with files.hold_folder(config.out_dir, f"--out_dir: another process is writing to {config.out_dir}"):
        _remove_unfinished(config.out_dir)
        known = record.Record(config.out_dir, describe_teacher(teacher), config.shaping(), skeleton)
        if teacher.calibration is None:
            echo(f"note: {teacher.facts.name} has no calibration: its scores count as probabilities")
        names = name_videos(videos, known.taken())
        work = _Work(teacher, places, config, known, echo)
        failed = 0
        for path, name in zip(videos, names):
            failed += not work.process(path, name)
        _finish(known, skeleton, config, echo)
    if failed:
        echo(f"{failed} of {len(videos)} videos failed; {known.path} says why")
    return failed


def describe_teacher(teacher: PoseModel) -> dict[str, Any]:
    """Returns what is known of a teacher, ready for JSON."""
    facts = {name: value for name, value in dataclasses.asdict(teacher.facts).items() if name != "keras_pose"}
    calibration = None if teacher.calibration is None else teacher.calibration.to_dict()
    return {**facts, "settings": teacher.settings(), "calibration": calibration}


@dataclasses.dataclass(frozen=True)
class _Work:
    """What is the same for all videos."""

    teacher: PoseModel
    places: list[int]
    config: AnnotateConfig
    known: record.Record
    echo: Callable[[str], None]

    def process(self, path: str, name: str) -> bool:
        """Labels a video unless that is done; returns whether it did not fail."""
        began = time.perf_counter()
        parts = os.path.join(self.known.folder, f".{name}.parts")
        entry: dict[str, Any] = {
            "path": os.path.abspath(path),
            "relative_path": os.path.relpath(path, self.known.folder),
            "status": record.FAILED,
        }
        try:
            entry["digest"] = digest_video(path)
            if self.known.is_done(name, entry["digest"]):
                self.echo(f"{path}: finished before, skipped")
            else:
                entry.update(self._label(path, name, parts))
                self.known.put(name, entry)
                self.echo(self._describe(path, entry, time.perf_counter() - began))
        except (ValueError, OSError, ArithmeticError) as error:
            self.known.put(name, {**entry, "reason": str(error)})
            self.echo(f"{path}: failed: {error}")
            return False
        shutil.rmtree(parts, ignore_errors=True)
        return True

    def _label(self, path, name, parts):
        """Writes the labels of a video; returns what its entry says of them."""
        config = self.config
        labels, counts = video_labels.label_video(self.teacher, self.places, path, config, parts)
        reason = weighting.reason_to_leave_out(counts, config.min_kept, config.min_agreeing)
        file = f"{name}.npz"
        if reason:
            with contextlib.suppress(FileNotFoundError):
                os.remove(os.path.join(self.known.folder, file))
            return {"status": record.LEFT_OUT, "reason": reason, "quality": counts}
        video_labels.write(os.path.join(self.known.folder, file), labels)
        return {"status": record.LABELLED, "file": file, "num_labelled": counts["labelled_frames"], "quality": counts}

    @staticmethod
    def _describe(path, entry, seconds):
        if entry["status"] == record.LEFT_OUT:
            return f"{path}: left out: {entry['reason']}"
        counts = entry["quality"]
        rate = console.format_rate(counts["frames"] / seconds, "frames")
        share = f"{100 * counts['kept'] / counts['joints']:.0f} %"
        return f"{path}: {counts['labelled_frames']} of {counts['frames']} frames, {share} of the joints, {rate}"


def _finish(known, skeleton: Skeleton, config: AnnotateConfig, echo):
    """Shows what the folder holds, and writes the picture of it."""
    labelled = known.with_status(record.LABELLED)
    left_out = known.with_status(record.LEFT_OUT)
    if not labelled:
        if left_out:
            reason = left_out[0]["reason"]
            raise ValueError(
                f"--teacher={config.teacher}: too unsure in all {len(left_out)} videos; {left_out[0]['path']}: {reason}"
            )
        return
    for line in quality.summarise([video["quality"] for video in labelled], skeleton.joints):
        echo(line)
    if left_out:
        echo(f"{len(left_out)} videos were left out; {known.path} says why")
    try:
        sheet = contact_sheet.write(known.folder, labelled, skeleton, config.min_confidence)
    except ValueError as error:  # a video of an earlier command may have moved
        echo(f"note: no picture of the labels: {error}")
        return
    echo(f"look at {sheet}; train with --data={known.folder}")


def _remove_unfinished(folder):
    """Removes what a killed process was writing."""
    for name in os.listdir(folder):
        if name.startswith(".writing-"):
            with contextlib.suppress(OSError):
                os.remove(os.path.join(folder, name))
