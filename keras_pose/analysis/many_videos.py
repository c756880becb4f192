"""Many videos to files: each is analysed, written and recorded; one that fails does not stop the others."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from typing import Any

import keras_pose
from keras_pose import console, files
from keras_pose.analysis import summary
from keras_pose.analysis.chosen_videos import Chosen
from keras_pose.analysis.config import PredictConfig
from keras_pose.analysis.names import name_videos
from keras_pose.analysis.noted_warnings import note_warnings
from keras_pose.analysis.progress import DrawingProgress, VideoProgress
from keras_pose.analysis.settings import describe_job, digest, make_settings
from keras_pose.analysis.video_analysis import analyse
from keras_pose.inference.pose_model import PoseModel
from keras_pose.poses import formats, video_poses
from keras_pose.poses.video_poses import VideoPoses

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
    with files.name_unwritable(folder):
        os.makedirs(folder, exist_ok=True)
    with files.hold_folder(folder, f"--out_dir: another process is writing to {folder}"):
        _remove_unfinished(folder)
        record = summary.Summary(folder)
        names = name_videos(chosen.videos, record.taken())
        failed = 0
        for path, name in zip(chosen.videos, names):
            failed += not _Video(model, path, name, folder, config, record, echo).process()
    if failed:
        echo(f"{failed} of {len(names)} videos failed; {os.path.join(folder, summary.FILE_NAME)} says why")
    return failed


class _Video:
    """One video of many."""

    def __init__(self, model: PoseModel, path: str, name: str, folder: str, config: PredictConfig, record, echo):
        self._model = model
        self._path = path
        self._name = name
        self._folder = folder
        self._config = config
        self._record = record
        self._echo = echo
        self._parts = os.path.join(folder, f".{name}.parts")
        self._settings = make_settings(config)
        self._drawing = config.drawing.describe()
        self._poses_files = [f"{name}.{ending}" for ending in config.endings]
        self._labelled = f"{name}_labelled.mp4"
        self._files = [*self._poses_files, *([self._labelled] if config.drawing.labelled else [])]

    def process(self) -> bool:
        """Analyses the video unless it is finished; returns whether that succeeded."""
        began = time.perf_counter()
        entry: dict[str, Any] = {"path": os.path.abspath(self._path), "status": summary.FAILED, "error": ""}
        try:
            job = digest(describe_job(self._model, self._path, self._settings))
            if not self._config.overwrite and self._record.is_done(self._name, job, self._drawing, self._files):
                self._echo(f"{self._path}: finished before, skipped (--overwrite analyses it again)")
                shutil.rmtree(self._parts, ignore_errors=True)  # a process may have been killed before it removed them
                return True
            with note_warnings() as noted:
                entry["warnings"] = noted
                poses, rates = self._analyse(job)
                self._write(poses)
            entry.update(status=summary.DONE, job=job, drawing=self._drawing, files=self._files)
            entry.update(**_count(poses), rates=rates)
        except (ValueError, OSError, ArithmeticError) as error:
            entry["error"] = str(error)
            self._echo(f"{self._path}: failed: {error}")
        entry["seconds"] = round(time.perf_counter() - began, 3)
        self._record.put(self._name, entry)
        if entry["error"]:
            return False
        shutil.rmtree(self._parts, ignore_errors=True)
        self._echo(self._describe(entry))
        return True

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
        return f"{self._path}: {entry['frames']} frames{missing} in {entry['seconds']:.1f} s{rate}: {files_text}"


def _count(poses):
    return {"frames": poses.num_frames, "missing": int((~poses.decoded).sum())}


def _remove_unfinished(folder):
    """Removes what killed processes were writing."""
    for name in os.listdir(folder):
        if name.startswith(".writing-"):
            with contextlib.suppress(OSError):
                os.remove(os.path.join(folder, name))
