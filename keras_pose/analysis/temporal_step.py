"""The temporal step of all tracks, in a thread of its own, which also writes the parts that are complete."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

from keras_pose.analysis.parts import PartStore
from keras_pose.analysis.rows import Row, to_arrays
from keras_pose.inference.engine import Engine, Track, View

_MOST_WAITING = 2  # groups


@dataclasses.dataclass(frozen=True)
class Seen:
    """A frame after the net.

    Args:
      row: what is known of it.
      views: what the net saw of it, by name of the track.
      outputs: what it made of that, by name of the track; missing: nobody needs it.
    """

    row: Row
    views: dict[str, View]
    outputs: dict[str, Any]


class TemporalStep:
    """Pools groups of frames in the order in which they are submitted.

    Args:
      engine: `Engine` of the model.
      store: where parts are written to.
      begin: number of the first frame whose pose is wanted; frames before it are neighbours only.
      part_frames: frames in a part.
      num_joints: J.

    Attributes:
      busy_s: seconds that the thread has worked.
    """

    def __init__(self, engine: Engine, store: PartStore, begin: int, part_frames: int, num_joints: int) -> None:
        self.busy_s = 0.0
        self._engine = engine
        self._store = store
        self._begin = begin
        self._part_frames = part_frames
        self._num_joints = num_joints
        self._tracks: dict[str, Track] = {}
        self._idle: list[Track] = []
        self._rows: dict[int, Row] = {}
        self._states: dict[int, Mapping[str, Any]] = {}  # in front of frames that begin a part
        self._next_part = begin // part_frames
        self._executor = concurrent.futures.ThreadPoolExecutor(1)
        self._waiting: collections.deque[concurrent.futures.Future] = collections.deque()

    def submit(self, seen: Sequence[Seen], last: int, state: Mapping[str, Any] | None) -> None:
        """Pools a group of frames; returns at once unless too many groups wait.

        Args:
          seen: the frames.
          last: number of the last one.
          state: state of the source of regions behind it, if a part ends there.

        Raises:
          Exception: whatever an earlier group has raised.
        """
        while len(self._waiting) >= _MOST_WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._executor.submit(self._timed, self._pool, seen, last, state))

    def finish(self) -> None:
        """Ends the video: waits for all groups, and writes what is left."""
        while self._waiting:
            self._waiting.popleft().result()
        self._executor.submit(self._timed, self._pool_rest).result()

    def close(self) -> None:
        """Ends the thread."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _timed(self, work, *arguments):
        began = time.perf_counter()
        work(*arguments)
        self.busy_s += time.perf_counter() - began

    def _pool(self, seen, last, state):
        pooled = []
        for each in seen:
            if each.row.number >= self._begin:
                self._rows[each.row.number] = each.row
            if not each.row.decoded:
                pooled += [(name, item) for name, track in self._tracks.items() for item in track.end_scene()]
                continue
            for name in [name for name in self._tracks if name not in each.views]:
                pooled += self._end_track(name)
            for name, view in each.views.items():
                if name not in self._tracks:
                    self._tracks[name] = self._idle.pop() if self._idle else self._engine.open_track()
                output = each.outputs.get(name)
                pooled += [(name, item) for item in self._tracks[name].push(each.row.number, view, output)]
        self._put_poses(pooled)
        if state is not None:
            self._states[last + 1] = state
        while last + 1 >= self._part_end() + self._engine.lag_frames:
            self._write_part()

    def _pool_rest(self):
        self._put_poses([item for name in list(self._tracks) for item in self._end_track(name)])
        while self._rows:
            self._write_part()

    def _end_track(self, name):
        track = self._tracks.pop(name)
        pooled = [(name, item) for item in track.end_scene()]
        track.restart()
        self._idle.append(track)
        return pooled

    def _put_poses(self, pooled):
        for (name, _), pose in zip(pooled, self._engine.finish([item for _, item in pooled])):
            row = self._rows.get(pose.frame)
            if row is not None:
                row.poses[name] = pose

    def _part_end(self):
        return (self._next_part + 1) * self._part_frames

    def _write_part(self):
        """Writes the next part; it may be empty only if the video has ended."""
        end = self._part_end()
        rows = [self._rows.pop(number) for number in sorted(self._rows) if number < end]
        if rows:
            self._store.write(self._next_part, to_arrays(rows, self._num_joints, self._states.pop(end, {})))
        self._next_part += 1
