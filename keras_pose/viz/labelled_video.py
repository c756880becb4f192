"""Writes a video with the poses drawn in: H.264 that browsers play, without sound.

The labelled video has the frames that were predicted, each at its time: if only every fifth frame was predicted, it has
a fifth of the frames, and plays as fast as the original. Nothing is drawn between predictions, and nothing is invented
for a frame that could not be decoded: a banner stands in its place.

Decoding, drawing and encoding run at the same time. The video is encoded in segments of `SEGMENT_FRAMES` frames. If a
folder is given, finished segments are kept there: killed at any moment and started again, it ends with the same bytes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import itertools
import json
import math
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

import av
import cv2
import numpy as np

import keras_pose
from keras_pose.media.h264_encoder import CodedFrame, Encoding, SegmentEncoder, to_tick
from keras_pose.media.mp4_writer import PacketWriter
from keras_pose.media.read_ahead import read_ahead
from keras_pose.media.segment_store import SegmentStore
from keras_pose.media.video import VideoFrames
from keras_pose.poses.video_poses import VideoPoses
from keras_pose.viz.label_style import FramePeople, Run, Style
from keras_pose.viz.labelled_frame import FrameLabeller

__all__ = ["SEGMENT_FRAMES", "Style", "people_in_frame", "write_labelled_video"]

SEGMENT_FRAMES = 250
_USUAL_FPS = 25.0  # if a video states neither times nor a rate
_WAITING_FRAMES = 4

Progress = Callable[[int, int], object]


def write_labelled_video(
    out_path: str | os.PathLike[str],
    video_path: str | os.PathLike[str],
    poses: Sequence[VideoPoses],
    style: Style | None = None,
    progress: Progress | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> None:
    """Writes a labelled video, whole or not at all. The same video, poses and style give the same bytes.

    Args:
      out_path: the file to write, ending in .mp4.
      video_path: the video that was predicted.
      poses: of one run or of several, which are drawn beside each other; a frame that only some runs predicted is in
        the video, too.
      style: `Style`; None: the usual one.
      progress: called with (frames that are done, frames of the labelled video) after each frame.
      folder: where to keep finished segments until the video is written; None: an interrupted video begins again.

    Raises:
      ValueError: for no poses or no predicted frames, poses of another size of frame, another ending, or if the video
        cannot be read; the message names the file.
      OSError: if the file cannot be written.
    """
    out_path = os.fspath(out_path)
    style = style or Style()
    if os.path.splitext(out_path)[1].lower() != ".mp4":
        raise ValueError(f"{out_path}: expected a labelled video ending in .mp4")
    if not sum(run.num_frames for run in poses):
        raise ValueError(f"{out_path}: expected predicted frames to draw, received none")
    video = VideoFrames(video_path)
    for run in poses:
        if tuple(run.video.size_hw) != tuple(video.size_hw):
            raise ValueError(
                f"{video.path}: expected frames of {run.video.size_hw[0]}×{run.video.size_hw[1]} px (height×width) as "
                f"in the poses of {run.model.name!r}, found {video.size_hw[0]}×{video.size_hw[1]}"
            )
    job = _Job(video, poses, style)
    if folder is None:
        with PacketWriter(out_path, job.encoding) as output, contextlib.closing(job.segments(0, progress)) as segments:
            _add(output, itertools.chain.from_iterable(segments), job.ticks)
        return
    with SegmentStore(folder, job.origin()) as store:
        first = min(store.count_finished(), job.num_segments)
        with contextlib.closing(job.segments(first, progress)) as segments:
            for number, packets in enumerate(segments, first):
                store.write(number, packets)
        with PacketWriter(out_path, job.encoding) as output:
            for number in range(job.num_segments):
                _add(output, store.read(number), job.ticks)
        store.clear()


def people_in_frame(poses: VideoPoses, row: int, trail_frames: int) -> FramePeople:
    """Returns the people of one predicted frame, with their last positions.

    Args:
      poses: of a video.
      row: which of the predicted frames, from 0.
      trail_frames: K, the most older frames to return; fewer if there is a gap in the predicted frames.
    """
    start = max(0, row - trail_frames)
    numbers = poses.frames[start : row + 1]
    usual = int(np.diff(poses.frames[:2]).sum())  # from one predicted frame to the next
    gaps = np.flatnonzero(np.diff(numbers) > usual)
    if len(gaps):
        start += int(gaps[-1]) + 1
    confidences = poses.confidences[row]
    return FramePeople(
        joints=poses.joints[row],
        confidences=np.where(np.isfinite(confidences), confidences, poses.scores[row]),
        ambiguous=poses.ambiguous[row],
        older=poses.joints[start:row],
    )


class _Job:
    """What there is to draw and to encode."""

    def __init__(self, video: VideoFrames, poses: Sequence[VideoPoses], style: Style) -> None:
        self._video = video
        self._poses = poses
        self._style = style
        self._numbers = np.unique(np.concatenate([run.frames for run in poses]))
        self._rows = [dict(zip(run.frames.tolist(), range(run.num_frames))) for run in poses]
        runs = [Run(run.model.name, run.skeleton, run.people) for run in poses]
        self._labeller = FrameLabeller(video.size_hw, runs, style)
        self.ticks = self._find_ticks()  # times of the labelled frames in 1/90000 s; the first is 0
        self.encoding = Encoding(self._labeller.size_hw, style.crf, style.preset)
        self.num_segments = math.ceil(len(self._numbers) / SEGMENT_FRAMES)

    def segments(self, first: int, progress: Progress | None) -> Generator[list[CodedFrame], None, None]:
        """Yields the packets of each segment from number `first` on."""
        done = min(first * SEGMENT_FRAMES, len(self._numbers))
        numbers = self._numbers[done:].tolist()
        with (
            read_ahead(self._decode(numbers), _WAITING_FRAMES) as decoded,
            read_ahead(self._draw(numbers, decoded), _WAITING_FRAMES) as drawn,
        ):
            for _ in range(first, self.num_segments):
                encoder = SegmentEncoder(self.encoding)
                packets: list[CodedFrame] = []
                for frame in itertools.islice(drawn, SEGMENT_FRAMES):
                    packets += encoder.encode(frame)
                    done += 1
                    if progress is not None:
                        progress(done, len(self._numbers))
                yield packets + encoder.finish()

    def origin(self) -> str:
        """A digest of all that shapes the segments. It tells an overlay from none, but not one from another."""
        digest = hashlib.sha256()
        facts = os.stat(self._video.path)
        style = {**dataclasses.asdict(dataclasses.replace(self._style, overlay=None))}
        style["overlay"] = self._style.overlay is not None
        software = [keras_pose.__version__, av.__version__, cv2.__version__]
        about = [software, style, [facts.st_size, facts.st_mtime_ns], SEGMENT_FRAMES, self.encoding.codec]
        digest.update(json.dumps([*about, *(run.describe() for run in self._poses)], sort_keys=True).encode())
        for run in self._poses:
            for array in (run.frames, run.times_s, run.joints, run.scores, run.confidences, run.ambiguous):
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def _decode(self, numbers) -> Iterator[np.ndarray | None]:
        try:
            for number in numbers:
                yield self._video.read([number])[0] if self._video.has_frame(number) else None
        finally:
            self._video.close()

    def _draw(self, numbers, frames: Iterable[np.ndarray | None]) -> Iterator[np.ndarray]:
        trail_frames = self._style.trail_frames
        for number, frame in zip(numbers, frames):
            people = [
                people_in_frame(run, rows[number], trail_frames) if number in rows else None
                for run, rows in zip(self._poses, self._rows)
            ]
            yield self._labeller.draw(frame, people, number, self._stated_time(number))

    def _stated_time(self, number):
        """When a frame is shown in the video, in s; NaN if no run knows it."""
        times = [run.times_s[rows[number]] for run, rows in zip(self._poses, self._rows) if number in rows]
        return next((float(time_s) for time_s in times if math.isfinite(time_s)), math.nan)

    def _find_ticks(self):
        times_s = self._find_times()
        ticks: list[int] = []
        for time_s in times_s:
            ticks.append(to_tick(max(0.0, time_s - times_s[0]), ticks[-1] if ticks else -1))
        return ticks

    def _find_times(self):
        fps = next((run.video.fps for run in self._poses if run.video.fps > 0), self._video.fps or _USUAL_FPS)
        stated = [self._stated_time(number) for number in self._numbers.tolist()]
        if all(map(math.isfinite, stated)):
            return stated
        return (self._numbers / fps).tolist()


def _add(output, packets, ticks):
    for packet in packets:
        output.add(packet, ticks[output.count])
