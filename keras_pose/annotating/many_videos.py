"""From videos to a folder of annotations: each is labelled and recorded; one that fails does not stop the others.

A stopped command goes on where it was: finished videos are skipped, and the teacher's poses of the video that it was at
are kept part by part. The files are the same to the last byte.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from keras_pose import console
from keras_pose.analysis import several_videos
from keras_pose.analysis.several_videos import Done, VideoJob
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
    with several_videos.writing_to(config.out_dir):
        known = record.Record(config.out_dir, describe_teacher(teacher), config.shaping(), skeleton)
        if teacher.calibration is None:
            echo(f"note: {teacher.facts.name} has no calibration: its scores count as probabilities")
        do = functools.partial(process, teacher, places, config)
        failed, total = several_videos.run(Labelling(config), do, videos, known, echo)
        _finish(known, skeleton, config, echo)
    if failed:
        echo(f"{failed} of {total} videos failed; {known.path} says why")
    return failed


def describe_teacher(teacher: PoseModel) -> dict[str, Any]:
    """Returns what is known of a teacher, ready for JSON."""
    facts = {name: value for name, value in dataclasses.asdict(teacher.facts).items() if name != "keras_pose"}
    calibration = None if teacher.calibration is None else teacher.calibration.to_dict()
    return {**facts, "settings": teacher.settings(), "calibration": calibration}


@dataclasses.dataclass(frozen=True)
class Labelling:
    """What is done with each video (`several_videos.VideoWork`).

    Args:
      config: the flags.
    """

    config: AnnotateConfig
    doing = "labelling"

    @property
    def folder(self) -> str:
        """The folder of the annotations."""
        return self.config.out_dir

    def open(self) -> Callable[[VideoJob], Done]:
        """Opens the teacher."""
        config = self.config
        several_videos.check_shared(config.out_dir)
        teacher = teachers.open_teacher(config.teacher, config.teacher_python)
        _, places = teachers.choose_joints(teacher.skeleton, config.joint_names)
        return several_videos.alone(config.out_dir, functools.partial(process, teacher, places, config))

    def fail(self, job: VideoJob, reason: str) -> Done:
        """Returns the outcome of a video whose process was lost again and again."""
        entry = {**_begin_entry(job, self.folder), "reason": f"{job.path}: {reason}"}
        return Done(job.name, entry, f"{job.path}: failed: {reason}", failed=True)


def process(teacher: PoseModel, places: list[int], config: AnnotateConfig, job: VideoJob) -> Done:
    """Labels a video unless that is done.

    Args:
      teacher: finds the joints.
      places: positions of the wanted joints among the teacher's.
      config: the flags.
      job: the video.
    """
    began = time.perf_counter()
    folder = config.out_dir
    entry = _begin_entry(job, folder)
    try:
        entry["digest"] = digest_video(job.path)
        if record.is_done(folder, job.known, entry["digest"]):
            return Done(job.name, None, f"{job.path}: finished before, skipped")
        entry.update(_label(teacher, places, config, job))
    except (ValueError, OSError, ArithmeticError) as error:
        return Done(job.name, {**entry, "reason": str(error)}, f"{job.path}: failed: {error}", failed=True)
    return Done(job.name, entry, _describe(job.path, entry, time.perf_counter() - began))


def _begin_entry(job, folder):
    """What the entry of a video says before it is labelled."""
    return {
        "path": os.path.abspath(job.path),
        "relative_path": os.path.relpath(job.path, folder),
        "status": record.FAILED,
    }


def _label(teacher, places, config, job):
    """Writes the labels of a video; returns what its entry says of them."""
    folder = config.out_dir
    parts = several_videos.parts_folder(folder, job.name)
    labels, counts = video_labels.label_video(teacher, places, job.path, config, parts)
    reason = weighting.reason_to_leave_out(counts, config.min_kept, config.min_agreeing)
    file = f"{job.name}.npz"
    if reason:
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(folder, file))
        return {"status": record.LEFT_OUT, "reason": reason, "quality": counts}
    video_labels.write(os.path.join(folder, file), labels)
    return {"status": record.LABELLED, "file": file, "num_labelled": counts["labelled_frames"], "quality": counts}


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
