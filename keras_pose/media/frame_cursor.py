"""The place in a video up to which it is decoded: forwards frame by frame, back to the beginning or a keyframe.

Positions are those of `media.video`: places in the order in which the video is shown, those of frames that do not
decode included. As soon as the decoder meets damage, the whole file is surveyed, which says where the gaps are.
"""

from __future__ import annotations

import copy
import sys
import warnings
from typing import Any

from keras_pose.media.decoding import FrameDecoder
from keras_pose.media.messages import MediaWarning
from keras_pose.media.seeking import Start, find_start
from keras_pose.media.survey import Survey, describe_damage, survey_video
from keras_pose.media.times import Timeline
from keras_pose.media.watch import DamageError

_NEAR_FRAMES = 50  # frames that are decoded sooner than a keyframe is looked for


class FrameCursor:
    """A decoder of a video and what it has found out about the file. Not for several threads at once.

    Args:
      path: path of the video file.

    Attributes:
      fps: float, frames per second as the container states it; 0 if it does not, or nothing is decoded yet.
      frame: the frame of PyAV that was decoded last; None after `rewind`.
      num_frames: the number of positions; None as long as the end was not reached.
      survey: what the file holds if it is damaged, otherwise None.
    """

    def __init__(self, path: str) -> None:
        self.fps = 0.0
        self.frame: Any = None
        self.num_frames: int | None = None
        self.survey: Survey | None = None
        self._path = path
        self._decoder: FrameDecoder | None = None
        self._ordinal = -1  # the place of `frame` among the frames that decode
        self._timeline = Timeline()  # of the frames that decode, by their place
        self._start: Start | None = None  # where the decoder started, if not at the beginning
        self._ordinals: dict[int | None, int] = {}  # of the frames of a damaged video, by position

    def has_frame(self, index: int) -> bool:
        """Whether frame `index` decodes; see `VideoFrames.has_frame`."""
        if index < 0 or (self.survey and index in self.survey.numbering.missing):
            return False
        if self.num_frames is not None:
            return index < self.num_frames
        return index <= self._ordinal or self.forward(index)

    def time_s(self, index: int) -> float | None:
        """Returns when frame `index` is shown; see `VideoFrames.time_s`.

        Raises:
          ValueError: if there is no such position; the message names file and frame.
        """
        if self.survey is None and not self._timeline.first <= index < self._timeline.end:
            self.forward(index if index >= 0 else sys.maxsize)
        if self.num_frames is not None and not 0 <= index < self.num_frames:
            last = self.num_frames - 1
            raise ValueError(f"{self._path}: frame {index}: expected a position from 0 to {last}")
        if self.survey is None:
            return self._timeline.time_s(index)
        if self.survey.times_s:
            return self.survey.times_s[index]
        return index / self.fps if self.fps else None

    def start_before(self, index: int) -> None:
        """Lets the decoder start at a keyframe before a frame, if it would decode more otherwise."""
        if self.survey is not None or self.num_frames is not None or 0 <= index - self._ordinal <= _NEAR_FRAMES:
            return
        start = find_start(self._path, index)
        behind = self._ordinal > index  # the decoder must go back in any case
        if start is not None and (behind or start.position > self._ordinal):
            self.rewind()
            self._start = start
            self._ordinal = start.position - 1
            self._timeline = Timeline(start.position, start.origin)

    def forward(self, index: int) -> bool:
        """Decodes up to frame `index`; False if there is none, which also sets the number of frames."""
        while True:
            ordinal = index if self.survey is None else self._ordinals.get(index)
            if ordinal is None:
                return False
            if ordinal == self._ordinal:
                return True
            if ordinal < self._ordinal:
                self.rewind()
            if not self.advance():
                return False

    def advance(self) -> bool:
        """Decodes the next frame; False at the end of the video."""
        try:
            if self._decoder is None:
                self._decoder = FrameDecoder(self._path, self.survey is not None, self._start)
                self.fps = self._decoder.fps
            self.frame = next(self._decoder)
            self._ordinal += 1
            if self._ordinal == self._timeline.end:
                self._timeline.add(self._decoder.time, self._decoder.time_base, self.fps)
            return True
        except StopIteration:
            if self.num_frames is None:
                self.num_frames = self._ordinal + 1
            self.rewind()
            return False
        except DamageError:
            # After a start in the middle, the place is that of an undamaged video.
            return self._advance_carefully(0 if self._start else self._ordinal + 1)

    def rewind(self) -> None:
        """Releases the decoder; the next frame is the first one of the file."""
        if self._decoder is not None:
            self._decoder.close()
        self._decoder = None
        self.frame = None
        self._ordinal = -1
        if self._start is not None:
            self._start = None
            self._timeline = Timeline()

    def reopen(self) -> FrameCursor:
        """Returns a cursor at the beginning of the same video. It knows what this one knows of damage."""
        other = copy.copy(self)
        other._decoder = None
        other.frame = None
        other._ordinal = -1
        other._timeline = Timeline()
        other._start = None
        if other.survey is None:
            other.num_frames = None  # else it would not start in the middle
        return other

    def _advance_carefully(self, ordinal):
        """Finds the positions of the frames of a damaged video, and decodes it again up to a frame."""
        self.rewind()
        self.survey = survey_video(self._path)
        numbering = self.survey.numbering
        self._ordinals = {position: place for place, position in enumerate(numbering.positions)}
        self.num_frames = numbering.count
        damage = describe_damage(self.survey)
        if damage:
            warnings.warn(f"{self._path}: {damage}", MediaWarning, stacklevel=2)
        while self._ordinal < ordinal:
            if not self.advance():
                return False
        return True
