"""The poses of a whole video: decoding, net and flow beside each other, in bounded memory, resumable.

    thread that decodes → regions → views → net, in batches of frames and people → thread of the temporal step → parts

The poses are the same to the last bit for any size of batch, any number of threads, and wherever the analysis was
interrupted. The answer for a frame depends only on the frames of its window and, because of cuts, on a number of
decoded frames before (`Engine.memory`). So a resumed analysis reads again from so many frames before the first part
that is missing, looks where it looked before, and drops the poses of these frames.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable
from typing import Any

from keras_pose.analysis.assembly import assemble
from keras_pose.analysis.frame_reader import FrameReader, in_groups
from keras_pose.analysis.parts import PartFolder, PartStore
from keras_pose.analysis.rows import Row
from keras_pose.analysis.settings import Settings, describe_job
from keras_pose.analysis.temporal_step import Seen, TemporalStep
from keras_pose.analysis.warm_up import WarmUp, find_warm_up
from keras_pose.inference.engine import Engine
from keras_pose.inference.pose_model import PoseModel
from keras_pose.media.read_ahead import read_ahead
from keras_pose.media.video import VideoFrames
from keras_pose.poses.video_poses import VideoPoses
from keras_pose.tracking import sources

_NO_LIMIT = 1 << 30


@dataclasses.dataclass(frozen=True)
class State:
    """How far an analysis is.

    Args:
      done: frames that are done, those of earlier processes included.
      new: frames that this process has done.
      seconds: since it began.
      decode_s, net_s, flow_s: seconds that each stage has worked; they overlap.
      has_flow: whether the last stage estimates flow and pools; otherwise it only finds the joints of maps.
    """

    done: int
    new: int
    seconds: float
    decode_s: float
    net_s: float
    flow_s: float
    has_flow: bool = True


def analyse(
    model: PoseModel,
    path: str | os.PathLike[str],
    settings: Settings | None = None,
    folder: str | os.PathLike[str] | None = None,
    progress: Callable[[State], None] | None = None,
) -> VideoPoses:
    """Predicts the poses of a video.

    Args:
      model: what `keras_pose.load` returns.
      path: path of the video.
      settings: how to analyse it.
      folder: where finished parts are kept. If it holds parts of the same job (`describe_job`), the analysis goes on
        behind them; parts of another job are removed.
      progress: function that is called after each group of frames.

    Returns:
      `VideoPoses`; a frame that could not be decoded has its row.

    Raises:
      ValueError: if the video cannot be read, or settings do not fit it, such as a first frame behind its end.
      OSError: if a file cannot be read or written.
    """
    path = os.fspath(path)
    settings = settings or Settings()
    store = PartStore() if folder is None else PartFolder(folder, describe_job(model, path, settings))
    facts = store.finished()
    if facts is None:
        with contextlib.closing(VideoFrames(path)) as video:
            facts = _Pass(model, video, settings, store, progress).run()
        store.finish(facts)
    return assemble(model, path, settings, store, facts)


class _Pass:
    """One process's pass over a video, from the first part that is missing to its end."""

    def __init__(self, model, video, settings, store, progress):
        self._engine: Engine = model.open_engine(video.fps or settings.frame_rate)
        self._settings = settings
        self._video = video
        self._progress = progress
        height, width = model.input_size_hw
        options: dict[str, Any] = dict(settings.source_options)
        self._source = sources.open_source(
            settings.region,
            settings.tracks,
            settings.detector,
            frame_size_hw=video.size_hw,
            aspect=width / height,
            **options,
        )
        first_part = settings.start // settings.part_frames
        self._begin = max(settings.start, (first_part + store.count_from(first_part)) * settings.part_frames)
        self._warm_up: WarmUp = find_warm_up(store, settings, self._begin, self._engine)
        if self._warm_up.state is not None:
            self._source.restore(self._warm_up.state)
        self._step = TemporalStep(self._engine, store, self._begin, settings.part_frames, model.skeleton.num_joints)
        self._net_s = 0.0
        self._began = time.perf_counter()

    def run(self) -> dict[str, Any]:
        """Analyses the rest of the video; returns what is known of it."""
        settings = self._settings
        depth = 2 * max(settings.batch_size, self._source.block)
        reader = FrameReader(self._video, self._warm_up.start, settings.end)
        most = _NO_LIMIT if self._source.block else settings.batch_size
        end = self._begin
        with contextlib.closing(self._step), read_ahead(reader.read(), depth) as frames:
            for group in in_groups(frames, self._ends_group, most):
                last = group[-1].number
                began = time.perf_counter()
                seen = self._look(group)
                state = self._source.state() if (last + 1) % settings.part_frames == 0 else None
                self._net_s += time.perf_counter() - began
                self._step.submit(seen, last, state)
                end = last + 1
                self._report(end, reader)
            self._step.finish()
            self._report(end, reader)
        ended = not settings.end or self._video_ended(reader)
        if settings.start and self._warm_up.start + reader.count <= settings.start:
            raise ValueError(
                f"--start: expected a frame of {self._video.path}, which has {self._video.num_frames}, received "
                f"{settings.start}"
            )
        height, width = self._video.size_hw
        return {
            "size_hw": [height, width],
            "fps": self._video.fps,
            "num_frames": self._video.num_frames if ended else 0,
        }

    def _video_ended(self, reader):
        return self._warm_up.start + reader.count < self._settings.end

    def _ends_group(self, number):
        block = self._source.block
        return (number + 1) % self._settings.part_frames == 0 or (block > 0 and (number + 1) % block == 0)

    def _look(self, group):
        """Finds the regions of a group of frames, and runs the net on them."""
        seen = [self._find_views(item) for item in group]
        asked = [(n, name) for n, each in enumerate(seen) if self._is_needed(each.row.number) for name in each.views]
        views = [seen[n].views[name] for n, name in asked]
        size = self._settings.batch_size
        outputs = []
        for start in range(0, len(views), size):
            outputs += self._engine.run(views[start : start + size])
        for (n, name), output in zip(asked, outputs):
            seen[n].outputs[name] = output
        if self._source.block and group[0].number >= self._begin and views:
            poses = self._engine.single_poses(views, outputs)
            for (n, name), (joints, scores) in zip(asked, poses):
                self._source.update(seen[n].row.number, name, joints, scores)
        return seen

    def _find_views(self, item):
        time_s = float("nan") if item.time_s is None else item.time_s
        row = Row(item.number, time_s, item.frame is not None)
        if item.frame is None or not (self._engine.memory or self._is_needed(item.number)):
            return Seen(row, {}, {})
        if item.number < self._begin:
            row.regions = self._warm_up.regions[item.number]
        else:
            row.regions = self._source.regions(item.number, item.frame)
        whole = self._settings.sees_whole_frames
        views = {name: self._engine.view(item.frame, None if whole else region) for name, region in row.regions.items()}
        return Seen(row, views, {})

    def _is_needed(self, number):
        """Whether the net must see a frame: its pose is asked for, or it is a neighbour, or people are followed."""
        every = self._settings.every
        past = (number - self._settings.start) % every
        return self._source.block > 0 or min(past, every - past) <= self._engine.reach

    def _report(self, end, reader):
        if self._progress is not None and end > self._begin:
            seconds = time.perf_counter() - self._began
            start = self._settings.start
            stages = (reader.busy_s, self._net_s, self._step.busy_s)
            self._progress(State(end - start, end - self._begin, seconds, *stages, self._engine.reach > 0))
