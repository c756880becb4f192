"""Optical flow by OpenCV, on grey frames.

Each function takes (target, source), uint8 [H, W] of at least `MIN_SIDE_PX` in height and width, and returns
float32 [H, W, 2], (dx, dy) px with target(p) = source(p + flow(p)). Nothing is kept between calls, so threads may share
a function. It is also needed for correct results: once a `DISOpticalFlow` has seen a small frame, it chooses other
scales for all later frames. A new object per call costs 10 % of the flow's own time (0.01 ms of 0.1, `dis_ultrafast` at
128 px).
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import cv2
import numpy as np

from keras_pose.flow.composition_numpy import resize_flow

MIN_SIDE_PX = 32  # below this, DIS refuses square frames, returns NaN for elongated ones, or ends the process (12×200)

_LEVEL_SCALE = 0.75  # 0.5 is faster by a half but loses fast hands
_COARSEST_SIDE_PX = 8
_WARPS = 2  # a refinement linearises about the flow that it starts from, so it is repeated from its own result


def dis(target: np.ndarray, source: np.ndarray, preset: str) -> np.ndarray:
    """Dense inverse search (Kroeger et al. 2016).

    Args:
      target, source: uint8 [H, W].
      preset: "ULTRAFAST", "FAST" or "MEDIUM", OpenCV's settings.
    """
    algorithm = cv2.DISOpticalFlow_create(getattr(cv2, f"DISOPTICAL_FLOW_PRESET_{preset}"))
    return algorithm.calc(np.ascontiguousarray(target), np.ascontiguousarray(source), None)


def farneback(target: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Polynomial expansion (Farnebäck 2003).

    Args:
      target, source: uint8 [H, W].
    """
    return cv2.calcOpticalFlowFarneback(
        target, source, None, pyr_scale=0.5, levels=4, winsize=11, iterations=4, poly_n=5, poly_sigma=1.1, flags=0
    )


def farneback_gaussian(target: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Polynomial expansion with a Gaussian window.

    It differs from `farneback` in two parameters. The equations of adjacent pixels are averaged with weights that fall
    off from the pixel (a Gaussian in 13×13 px) instead of equally in 11×11 px, so that a hand counts more than what is
    around it. Two iterations at each level are enough then.

    Args:
      target, source: uint8 [H, W].
    """
    return cv2.calcOpticalFlowFarneback(
        target,
        source,
        None,
        pyr_scale=0.5,
        levels=4,
        winsize=13,
        iterations=2,
        poly_n=5,
        poly_sigma=1.1,
        flags=cv2.OPTFLOW_FARNEBACK_GAUSSIAN,
    )


def farneback_half(target: np.ndarray, source: np.ndarray) -> np.ndarray:
    """`farneback_gaussian` on frames of half the size, enlarged: a quarter of its time.

    Heatmaps have a quarter of the input's size, so flow on half of it is still finer than what it warps.

    Args:
      target, source: uint8 [H, W].
    """
    height, width = target.shape
    half_wh = ((width + 1) // 2, (height + 1) // 2)
    reduced = [cv2.resize(frame, half_wh, interpolation=cv2.INTER_AREA) for frame in (target, source)]
    return resize_flow(farneback_gaussian(*reduced), (height, width))


def variational(target: np.ndarray, source: np.ndarray) -> np.ndarray:
    """The energy of Brox et al. (2004), minimised from coarse to fine; it stands in for the flow that the paper used.

    Brightness and gradient constancy and a smoothness term, all under a robust norm: `cv2.VariationalRefinement`
    minimises it about a given flow. That flow is zero at the coarsest level of a pyramid; at the other levels it is the
    enlarged flow of the level before. The weights are the best of about twenty on synthetic signers of 128 px: mean
    error 0.46 px on the body from one frame to the next in 8 ms a frame. TV-L1: 0.47 px in 300 ms, DeepFlow: 0.54 px in
    45 ms, DIS medium: 0.57 px.

    Args:
      target, source: uint8 [H, W].
    """
    algorithm = cv2.VariationalRefinement_create()
    algorithm.setAlpha(20.0)  # smoothness
    algorithm.setDelta(5.0)  # brightness constancy
    algorithm.setGamma(20.0)  # gradient constancy, the heaviest: light changes, edges stay
    algorithm.setFixedPointIterations(3)
    algorithm.setSorIterations(10)
    # Start from zero flow at the coarsest level; refine it, and enlarge it for the next level.
    levels = _pyramid(target, source)
    flow = np.zeros((*levels[-1][0].shape, 2), np.float32)
    for level_target, level_source in reversed(levels):
        flow = resize_flow(flow, level_target.shape)
        for _ in range(_WARPS):
            flow = algorithm.calc(level_target, level_source, flow)
    return flow


def deepflow(target: np.ndarray, source: np.ndarray) -> np.ndarray:
    """DeepFlow without its matching (Weinzaepfel et al. 2013), of opencv-contrib.

    Args:
      target, source: uint8 [H, W].
    """
    return cv2.optflow.createOptFlow_DeepFlow().calc(target, source, None)


def tvl1(target: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Dual TV-L1 (Zach et al. 2007), of opencv-contrib.

    Args:
      target, source: uint8 [H, W].
    """
    return cv2.optflow.DualTVL1OpticalFlow_create().calc(target, source, None)


_Algorithm = Callable[[np.ndarray, np.ndarray], np.ndarray]
CORE: dict[str, _Algorithm] = {
    "dis_ultrafast": functools.partial(dis, preset="ULTRAFAST"),
    "dis_fast": functools.partial(dis, preset="FAST"),
    "dis_medium": functools.partial(dis, preset="MEDIUM"),
    "farneback": farneback,
    "farneback_gaussian": farneback_gaussian,
    "farneback_half": farneback_half,
    "variational": variational,
}
CONTRIB: dict[str, _Algorithm] = {"deepflow": deepflow, "tvl1": tvl1}


def has_contrib() -> bool:
    """Whether the installed OpenCV has the modules of opencv-contrib."""
    return hasattr(cv2, "optflow")


def to_grey(image: np.ndarray) -> np.ndarray:
    """Converts RGB uint8 [H, W, 3] to grey uint8 [H, W]; returns a grey image as it is."""
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image


def _pyramid(target, source):
    """Returns (target, source) at full size, then smaller and smaller."""
    levels = [(target, source)]
    while min(levels[-1][0].shape) * _LEVEL_SCALE >= _COARSEST_SIDE_PX:
        size_wh = tuple(max(1, round(side * _LEVEL_SCALE)) for side in levels[-1][0].shape[::-1])
        levels.append(tuple(cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA) for image in levels[-1]))
    return levels
