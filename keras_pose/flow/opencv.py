"""Optical flow by OpenCV, on grey frames.

Each function takes (target, source), uint8 [H, W] of at least `MIN_SIDE_PX` in height and width, and returns
float32 [H, W, 2], (dx, dy) px with target(p) = source(p + flow(p)). Nothing is kept between calls, so that threads may
share a function. This is not for elegance: a `DISOpticalFlow` that has seen a small frame chooses other scales for
every later one. A new object a call costs 10 % of the flow's own time (0.01 ms of 0.1, `dis_ultrafast` at 128 px).
"""

from __future__ import annotations

import functools

import cv2
import numpy as np

from keras_pose.flow.composition_numpy import resize_flow

MIN_SIDE_PX = 32  # below, DIS refuses square frames, returns NaN for elongated ones, or ends the process (12×200)

_LEVEL_SCALE = 0.75  # 0.5 is faster by a half and loses fast hands
_COARSEST_SIDE_PX = 8
_WARPS = 2  # a refinement linearises about the flow that it is given, so it is begun anew from its result


def dis(target, source, preset):
    """Dense inverse search (Kroeger et al. 2016).

    Args:
      target, source: uint8 [H, W].
      preset: "ULTRAFAST", "FAST" or "MEDIUM", OpenCV's settings.
    """
    algorithm = cv2.DISOpticalFlow_create(getattr(cv2, f"DISOPTICAL_FLOW_PRESET_{preset}"))
    return algorithm.calc(np.ascontiguousarray(target), np.ascontiguousarray(source), None)


def farneback(target, source):
    """Polynomial expansion (Farnebäck 2003).

    Args:
      target, source: uint8 [H, W].
    """
    return cv2.calcOpticalFlowFarneback(
        target, source, None, pyr_scale=0.5, levels=4, winsize=11, iterations=4, poly_n=5, poly_sigma=1.1, flags=0
    )


def variational(target, source):
    """The energy of Brox et al. (2004) by coarse-to-fine warping, in the place of the flow the paper used.

    Brightness and gradient constancy and a smoothness term, all under a robust norm: `cv2.VariationalRefinement`
    minimises it about a given flow. Here that flow is zero at the coarsest level of a pyramid, then that of the level
    above, enlarged. The weights are the best of some twenty on synthetic signers of 128 px: mean error 0.46 px on the
    body from one frame to the next, as TV-L1 (0.47, in 300 ms a frame), with DeepFlow at 0.54 (45 ms) and DIS medium at
    0.57; this takes 8 ms.

    Args:
      target, source: uint8 [H, W].
    """
    algorithm = cv2.VariationalRefinement_create()
    algorithm.setAlpha(20.0)  # smoothness
    algorithm.setDelta(5.0)  # brightness constancy
    algorithm.setGamma(20.0)  # gradient constancy, the heaviest: light changes, edges stay
    algorithm.setFixedPointIterations(3)
    algorithm.setSorIterations(10)
    levels = _pyramid(target, source)
    flow = np.zeros((*levels[-1][0].shape, 2), np.float32)
    for level_target, level_source in reversed(levels):
        flow = resize_flow(flow, level_target.shape)
        for _ in range(_WARPS):
            flow = algorithm.calc(level_target, level_source, flow)
    return flow


def deepflow(target, source):
    """DeepFlow without its matching (Weinzaepfel et al. 2013), of opencv-contrib.

    Args:
      target, source: uint8 [H, W].
    """
    return cv2.optflow.createOptFlow_DeepFlow().calc(target, source, None)


def tvl1(target, source):
    """Dual TV-L1 (Zach et al. 2007), of opencv-contrib.

    Args:
      target, source: uint8 [H, W].
    """
    return cv2.optflow.DualTVL1OpticalFlow_create().calc(target, source, None)


CORE = {
    "dis_ultrafast": functools.partial(dis, preset="ULTRAFAST"),
    "dis_fast": functools.partial(dis, preset="FAST"),
    "dis_medium": functools.partial(dis, preset="MEDIUM"),
    "farneback": farneback,
    "variational": variational,
}
CONTRIB = {"deepflow": deepflow, "tvl1": tvl1}


def has_contrib():
    """Whether this OpenCV has the modules of opencv-contrib."""
    return hasattr(cv2, "optflow")


def to_grey(image):
    """Returns uint8 [H, W] of an RGB image uint8 [H, W, 3]; a grey one as it is."""
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image


def _pyramid(target, source):
    levels = [(target, source)]
    while min(levels[-1][0].shape) * _LEVEL_SCALE >= _COARSEST_SIDE_PX:
        size_wh = tuple(max(1, round(side * _LEVEL_SCALE)) for side in levels[-1][0].shape[::-1])
        levels.append(tuple(cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA) for image in levels[-1]))
    return levels
