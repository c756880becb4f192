"""Flow, warps and pooling of one scene of a video, frame by frame."""

from __future__ import annotations

import collections
import concurrent.futures
import itertools
from collections.abc import Callable, Iterator

import numpy as np

from keras_pose.flow import opencv
from keras_pose.flow.composition_numpy import resize_flow
from keras_pose.pooling.accumulators import Accumulator
from keras_pose.pooling.stream_buffer import FUTURE, PAST, StreamBuffer


class StreamPooling:
    """Pools the maps of each frame with the maps of its neighbours, as soon as these have arrived.

    Frames have numbers from 0, in rising order: `begin` with the frame, `finish` with its maps; `end` after the last.

    Args:
      buffer: `StreamBuffer`, empty.
      accumulator: `Accumulator` of the same window.
      estimate_flow: function (target, source) of uint8 frames to float32 [H, W, 2], px.
      grey: whether `estimate_flow` takes grey frames [H, W] (each frame is converted once); otherwise RGB [H, W, 3].
      parallel: whether `begin` returns at once, and a thread does what needs no maps of the new frame: all flow, and
        all warps but the last. Results are the same.
    """

    def __init__(
        self,
        buffer: StreamBuffer,
        accumulator: Accumulator,
        estimate_flow: Callable[[np.ndarray, np.ndarray], np.ndarray],
        grey: bool = True,
        parallel: bool = True,
    ) -> None:
        self._buffer = buffer
        self._accumulator = accumulator
        self._estimate_flow = estimate_flow
        self._grey = grey
        self._images: collections.deque[np.ndarray] = collections.deque(maxlen=buffer.frame_stride + 1)
        self._executor = concurrent.futures.ThreadPoolExecutor(1) if parallel else None
        # Waits for `_prepare` of the frame that `begin` got, and returns its result.
        self._prepared: Callable | None = None

    def begin(self, frame: int, image: np.ndarray) -> None:
        """Starts on a frame, uint8 [H, W, 3]."""
        if self._executor:
            self._prepared = self._executor.submit(self._prepare, frame, image).result
        else:
            remaining = self._prepare(frame, image)
            self._prepared = lambda: remaining

    def finish(self, frame: int, maps: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """Yields the pooled maps that a frame completes; call `begin` with that frame before.

        Args:
          frame: its number.
          maps: float32 [h, w, J].

        Yields:
          int, number of a frame, and float32 [h, w, J], its pooled maps, valid until the next.

        Raises:
          ValueError: if `begin` was not called.
        """
        if self._prepared is None:
            raise ValueError(f"frame {frame}: expected a call of `begin` before `finish`")
        remaining = self._prepared()
        self._prepared = None
        self._buffer.put_maps(frame, maps)
        if remaining is not None:
            yield self._pool_rest(frame - self._buffer.lag, remaining)

    def end(self, num_frames: int) -> Iterator[tuple[int, np.ndarray]]:
        """Ends the scene and yields the frames that still wait for neighbours, since no more will come.

        Args:
          num_frames: number of frames of the scene.

        Yields:
          As `finish`.
        """
        for middle in range(max(0, num_frames - self._buffer.lag), num_frames):
            yield self._pool_rest(middle, self._pool_known(middle, num_frames - 1))
        self._images.clear()

    def _prepare(self, frame, image):
        """Does all that needs no maps of the frame; returns the neighbours that do, None if no window is complete."""
        self._accumulator.put_image(frame, image)
        self._images.append(opencv.to_grey(image) if self._grey else image)
        if len(self._images) > self._buffer.frame_stride:
            self._put_flow(frame - self._buffer.frame_stride, frame, self._images[0], self._images[-1])
        middle = frame - self._buffer.lag
        return self._pool_known(middle, frame) if middle >= 0 else None

    def _put_flow(self, earlier, later, earlier_image, later_image):
        size_hw = self._buffer.size_hw
        flow = self._estimate_flow(later_image, earlier_image)
        self._buffer.put_flow(later, PAST, resize_flow(flow, size_hw))
        if self._buffer.lag:
            flow = self._estimate_flow(earlier_image, later_image)
            self._buffer.put_flow(earlier, FUTURE, resize_flow(flow, size_hw))

    def _pool_known(self, middle, last):
        """Pools all neighbours but the last future one, whose maps may be missing; returns what is left to pool."""
        self._accumulator.begin()
        future = self._buffer.neighbours(middle, FUTURE, last)
        but_one = itertools.islice(future, max(0, self._buffer.num_within - 1))
        for neighbour in itertools.chain(self._buffer.neighbours(middle, PAST, last), but_one):
            self._accumulator.add(neighbour)
        return future

    def _pool_rest(self, middle, remaining):
        for neighbour in remaining:
            self._accumulator.add(neighbour)
        return middle, self._accumulator.finish(middle, self._buffer.entry(middle))
