"""Many videos to files: each is analysed, written and recorded; one that fails does not stop the others."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import time
from collections.abc import Callable
from typing import Any

import keras_pose
from keras_pose import console
from keras_pose.analysis import several_videos, summary
from keras_pose.analysis.chosen_videos import Chosen
from keras_pose.analysis.config import PredictConfig
from keras_pose.analysis.noted_warnings import note_warnings
from keras_pose.analysis.progress import DrawingProgress, VideoProgress
from keras_pose.analysis.settings import describe_job, digest, make_settings
from keras_pose.analysis.several_videos import Done, VideoJob
from keras_pose.analysis.video_analysis import analyse
from keras_pose.inference.pose_model import PoseModel
from keras_pose.poses import formats, video_poses
from keras_pose.poses.video_poses import VideoPoses
from keras_pose.words import count

_LOSSLESS = "npz"  # the ending of files that poses are read back from
_NOT_CALIBRATED = "likelihoods are plain scores, not probabilities; `evaluate.py --run_dir=<run>` calibrates a run"


def analyse_all(chosen: Chosen, config: PredictConfig, echo: Callable[[str], None] = console.show) -> int:
    """Analyses videos, and writes files of their poses and labelled videos.

    Args:
      chosen: model, videos, formats.
      config: the flags.
      echo: function that shows a line of text.

    Returns:
      How many videos failed.

    Raises:
      ValueError: if the model cannot be loaded, or another process writes to the folder.
      OSError: if the folder cannot be written.
    """
    model = keras_pose.load(chosen.model_path)
    facts = model.facts
    if model.calibration is None:
        echo(f"note: {facts.name} has no calibration: {_NOT_CALIBRATED}")
    folder = config.folder(f"{facts.name}-{facts.version}" if facts.version else facts.name)
    with several_videos.writing_to(folder):
        work = Predicting(chosen.model_path, folder, config)
        do = functools.partial(process, model, work)
        failed, total = several_videos.run(work, do, chosen.videos, summary.Summary(folder), echo)
    if failed:
        echo(f"{failed} of {total} videos failed; {os.path.join(folder, summary.FILE_NAME)} says why")
    return failed


@dataclasses.dataclass(frozen=True)
class Predicting:
    """What is done with each video (`several_videos.VideoWork`).

    Args:
      model_path: folder of the model.
      folder: folder to write to.
      config: the flags.
    """

    model_path: str
    folder: str
    config: PredictConfig
    doing = "predicting"

    def open(self) -> Callable[[VideoJob], Done]:
        """Loads the model."""
        several_videos.check_shared(self.folder)
        return several_videos.alone(self.folder, functools.partial(process, keras_pose.load(self.model_path), self))

    def fail(self, job: VideoJob, reason: str) -> Done:
        """Returns the outcome of a video whose process was lost again and again."""
        entry = {"path": os.path.abspath(job.path), "status": summary.FAILED, "error": f"{job.path}: {reason}"}
        return Done(job.name, {**entry, "seconds": 0.0}, f"{job.path}: failed: {reason}", failed=True)


def process(model: PoseModel, work: Predicting, job: VideoJob) -> Done:
    """Analyses a video unless it is finished.

    Args:
      model: what `keras_pose.load` returns.
      work: the folder to write to, and the flags.
      job: the video.
    """
    return _Video(model, job, work.folder, work.config).process()


class _Video:
    """One video of many."""

    def __init__(self, model: PoseModel, job: VideoJob, folder: str, config: PredictConfig):
        name = job.name
        self._model = model
        self._path = job.path
        self._name = name
        self._folder = folder
        self._config = config
        self._record = summary.Summary(folder, {name: job.known} if job.known else {})
        self._parts = several_videos.parts_folder(folder, name)
        self._settings = make_settings(config)
        self._drawing = config.drawing.describe()
        self._poses_files = [f"{name}.{ending}" for ending in config.endings]
        self._labelled = f"{name}_labelled.mp4"
        self._files = [*self._poses_files, *([self._labelled] if config.drawing.labelled else [])]

    def process(self) -> Done:
        """Analyses the video unless it is finished."""
        began = time.perf_counter()
        entry: dict[str, Any] = {"path": os.path.abspath(self._path), "status": summary.FAILED, "error": ""}
        try:
            job = digest(describe_job(self._model, self._path, self._settings))
            if not self._config.overwrite and self._record.is_done(self._name, job, self._drawing, self._files):
                text = f"{self._path}: finished before, skipped (--overwrite analyses it again)"
                return Done(self._name, None, text)
            with note_warnings() as noted:
                entry["warnings"] = noted
                poses, rates = self._analyse(job)
                self._write(poses)
            entry.update(status=summary.DONE, job=job, drawing=self._drawing, files=self._files)
            entry.update(**_count(poses), rates=rates)
        except (ValueError, OSError, ArithmeticError) as error:
            entry["error"] = str(error)
        entry["seconds"] = round(time.perf_counter() - began, 3)
        if entry["error"]:
            return Done(self._name, entry, f"{self._path}: failed: {entry['error']}", failed=True)
        return Done(self._name, entry, self._describe(entry))

    def _analyse(self, job):
        """Returns the poses and the rates; read from a file without loss if one of the same job is there."""
        kept = f"{self._name}.{_LOSSLESS}"
        if not self._config.overwrite and self._record.has_written(self._name, job, kept):
            with contextlib.suppress(ValueError, OSError):  # otherwise they are found again
                return video_poses.load(os.path.join(self._folder, kept)), {}
        progress = VideoProgress(self._path, self._settings)
        with contextlib.closing(progress):
            return analyse(self._model, self._path, self._settings, self._parts, progress.update), progress.rates()

    def _write(self, poses: VideoPoses):
        for name in self._poses_files:
            formats.write(os.path.join(self._folder, name), poses)
        if self._drawing is not None:
            from keras_pose.viz.labelled_video import write_labelled_video

            out_path = os.path.join(self._folder, self._labelled)
            style = self._config.drawing.style()
            with contextlib.closing(DrawingProgress(self._path)) as progress:
                segments = os.path.join(self._parts, "labelled")
                write_labelled_video(out_path, self._path, [poses], style, progress.update, segments)

    def _describe(self, entry):
        missing = f" ({entry['missing']} of them damaged)" if entry["missing"] else ""
        rate = f", {console.format_rate(entry['rates']['frames'], 'frames')} analysed" if entry["rates"] else ""
        files_text = ", ".join(os.path.join(self._folder, name) for name in self._files)
        return (
            f"{self._path}: {count(entry['frames'], 'frame')}{missing} in {entry['seconds']:.1f} s{rate}: {files_text}"
        )


def _count(poses):
    return {"frames": poses.num_frames, "missing": int((~poses.decoded).sum())}
