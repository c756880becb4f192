"""A video file from disk to poses, for `streaming`: how many frames a second, and whether memory grows."""

from __future__ import annotations

import dataclasses
import itertools
import os
import tempfile
import time
from collections.abc import Iterator, Mapping

import numpy as np

from benchmarks.common.rows import Row
from benchmarks.video import streaming_stages
from keras_pose.inference.streaming import StreamingPredictor
from keras_pose.media import video


@dataclasses.dataclass(frozen=True)
class Length:
    """Length of the video, and the frame from which on memory should no longer grow.

    Args:
      frames: frames of the video.
      settled_frame: number of frames after which memory is first read.
    """

    frames: int = 1000
    settled_frame: int = 200


def video_rows(predictor: StreamingPredictor, length: Length) -> list[Row]:
    """Returns rows of a video file to poses: frames a second, and the growth of memory."""
    frames = streaming_stages.make_frames()
    ends = []
    resident = {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "signer.mp4")
        video.write_video(path, itertools.islice(itertools.cycle(frames), length.frames), fps=25)
        predictor.flush()
        start = time.perf_counter()
        for pose in predictor.predict(read_video(path, length.frames)):
            ends.append(time.perf_counter())
            if pose.frame + 1 in (length.settled_frame, length.frames):
                resident[pose.frame + 1] = resident_mb()
    return speed_rows(np.array(ends) - start, length) + memory_rows(resident)


def read_video(path: str | os.PathLike[str], num_frames: int, chunk: int = 16) -> Iterator[np.ndarray]:
    """Yields the frames of a video in rising order, uint8 [H, W, 3]."""
    frames = video.VideoFrames(path)
    for start in range(0, num_frames, chunk):
        yield from frames.read(range(start, min(start + chunk, num_frames)))


def speed_rows(ends: np.ndarray, length: Length) -> list[Row]:
    """Returns the row of frames a second over a whole video, with the spread of its tenths.

    Args:
      ends: float [frames], seconds from the start to each pose.
      length: length of the video.
    """
    tenths = np.diff(ends[:: length.frames // 10])
    low, high = np.percentile(length.frames // 10 / tenths, (2.5, 97.5))
    what = f"lite, n=5, a video of {length.frames} frames, decoded, to poses"
    return [Row(what, len(ends) / ends[-1], "frames/s", low, high, ">= 30")]


def memory_rows(resident: Mapping[int, float | None]) -> list[Row]:
    """Returns the row of the growth of memory between two frames of a video; none if memory is unknown.

    Args:
      resident: MB by frame, or None.
    """
    (early, before), (late, after) = sorted(resident.items())
    if before is None or after is None:
        return []
    return [Row(f"memory at frame {late} less that at frame {early}", after - before, "MB", target="<= 20")]


def resident_mb() -> float | None:
    """Returns the memory of this process in MB; None if there is no /proc."""
    if not os.path.exists("/proc/self/statm"):
        return None
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
