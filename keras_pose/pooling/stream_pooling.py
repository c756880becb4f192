"""Flow, warps and pooling of one scene of a video, frame by frame."""

from __future__ import annotations

import collections
import concurrent.futures
import itertools

from keras_pose.data import frame_store
from keras_pose.flow import opencv
from keras_pose.pooling.stream_buffer import FUTURE, PAST


class PooledWindow:
    """Pools the maps of each frame with those of its neighbours, as soon as these are there.

    Frames have numbers from 0, in rising order: `begin` with the frame, `finish` with its maps; `end` after the last.

    Args:
      window: `MapWindow`.
      pooling: of `window_pooling`.
      estimate_flow: function (target, source) of uint8 frames to float32 [H, W, 2], px.
      grey: whether it is given grey frames [H, W] (converted once a frame), else RGB [H, W, 3].
      parallel: whether `begin` returns at once, and a thread does what can be done without the maps of the new frame:
        all flow, and all warps but the last. Results are the same.
    """

    def __init__(self, window, pooling, estimate_flow, grey=True, parallel=True):
        self._window, self._pooling = window, pooling
        self._estimate_flow, self._grey = estimate_flow, grey
        self._images = collections.deque(maxlen=window.frame_stride + 1)
        self._executor = concurrent.futures.ThreadPoolExecutor(1) if parallel else None
        self._prepared = None

    def begin(self, frame, image):
        """Starts on a frame, uint8 [H, W, 3]."""
        if self._executor:
            self._prepared = self._executor.submit(self._prepare, frame, image).result
        else:
            remaining = self._prepare(frame, image)
            self._prepared = lambda: remaining

    def finish(self, frame, maps):
        """Yields what is complete with the maps of a frame that was begun.

        Args:
          frame: its number.
          maps: float32 [h, w, J].

        Yields:
          int, number of a frame, and float32 [h, w, J], its pooled maps, valid until the next.
        """
        remaining = self._prepared()
        self._window.put_maps(frame, maps)
        if remaining is not None:
            yield self._pool_rest(frame - self._window.lag, remaining)

    def end(self, num_frames):
        """Ends the scene and yields its frames that still wait for neighbours, which do not exist.

        Args:
          num_frames: how many frames the scene had.

        Yields:
          As `finish`.
        """
        for middle in range(max(0, num_frames - self._window.lag), num_frames):
            yield self._pool_rest(middle, self._pool_known(middle, num_frames - 1))
        self._images.clear()

    def _prepare(self, frame, image):
        """Does all that does not need the maps of the frame; returns the neighbours that do, None without a window."""
        self._pooling.put_image(frame, image)
        self._images.append(opencv.to_grey(image) if self._grey else image)
        if len(self._images) > self._window.frame_stride:
            self._put_flow(frame - self._window.frame_stride, frame, self._images[0], self._images[-1])
        middle = frame - self._window.lag
        return self._pool_known(middle, frame) if middle >= 0 else None

    def _put_flow(self, earlier, later, earlier_image, later_image):
        size_hw = self._window.size_hw
        flow = self._estimate_flow(later_image, earlier_image)
        self._window.put_flow(later, PAST, frame_store.resize_flow(flow, size_hw))
        if self._window.lag:
            flow = self._estimate_flow(earlier_image, later_image)
            self._window.put_flow(earlier, FUTURE, frame_store.resize_flow(flow, size_hw))

    def _pool_known(self, middle, last):
        """Pools all neighbours but the last of the future, whose maps may be missing; returns what is left to pool."""
        self._pooling.begin()
        future = self._window.neighbours(middle, FUTURE, last)
        but_one = itertools.islice(future, self._window.num_steps - 1)
        for neighbour in itertools.chain(self._window.neighbours(middle, PAST, last), but_one):
            self._pooling.add(neighbour)
        return future

    def _pool_rest(self, middle, remaining):
        for neighbour in remaining:
            self._pooling.add(neighbour)
        return middle, self._pooling.finish(middle, self._window.entry(middle))
