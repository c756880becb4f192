"""All optical flow estimators behind one function.

`flow(target, source)` brings `source` onto `target`: target(p) = source(p + flow(p)), (dx, dy) px.
TensorFlow is loaded for "in_graph" only.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from keras_pose.flow import opencv
from keras_pose.flow.names import ESTIMATORS, IN_GRAPH, NONE

EstimateFlow = Callable[[np.ndarray, np.ndarray], np.ndarray]


def open_estimator(name: str) -> EstimateFlow:
    """Opens an optical flow estimator.

    Args:
      name: one of `names.ESTIMATORS`. "none": zero flow, as if nothing moved. "dis_*", "farneback", "variational":
        OpenCV. "deepflow", "tvl1": OpenCV with its contrib modules. "in_graph": this package's own, in TensorFlow.

    Returns:
      A function (target, source) -> float32 [H, W, 2], (dx, dy) px, always finite: if an algorithm returns NaN or
      infinity for a pixel, its vector becomes zero. target, source: uint8 [H, W, 3] RGB or [H, W] grey, of the same
      shape, at least 32 px high and wide (any size for "none"). Threads may share the function. It raises ValueError
      for other frames.

    Raises:
      ValueError: for an unknown name, or if opencv-contrib is needed and not installed.
    """
    if name not in ESTIMATORS:
        raise ValueError(f"--flow: expected one of {', '.join(ESTIMATORS)}, received {name!r}")
    if name == NONE:
        return functools.partial(_estimate, _zero_flow, min_side_px=1)
    if name == IN_GRAPH:
        return functools.partial(_estimate, _open_in_graph())
    if name in opencv.CONTRIB and not opencv.has_contrib():
        raise ValueError(
            f"--flow={name} needs OpenCV's contrib modules: install opencv-contrib-python of the same version instead "
            "of opencv-python, or choose --flow=variational, which needs only opencv-python"
        )
    return functools.partial(_estimate, functools.partial(_estimate_grey, {**opencv.CORE, **opencv.CONTRIB}[name]))


def _estimate(algorithm, target, source, min_side_px=opencv.MIN_SIDE_PX):
    target = np.asarray(target)
    source = np.asarray(source)
    _check_frame("target", target, min_side_px)
    _check_frame("source", source, min_side_px)
    if target.shape != source.shape:
        raise ValueError(
            f"flow: expected two frames of one shape, received target {target.shape}, source {source.shape}"
        )
    flow = algorithm(target, source)
    finite = np.isfinite(flow)
    return flow if finite.all() else np.where(finite.all(-1, keepdims=True), flow, np.float32(0))


def _check_frame(name, frame, min_side_px):
    if frame.dtype != np.uint8:
        raise ValueError(f"flow, {name}: expected uint8 of 0 to 255, received {frame.dtype}")
    if not (frame.ndim == 2 or (frame.ndim == 3 and frame.shape[2] == 3)):
        raise ValueError(f"flow, {name}: expected [H, W, 3] RGB or [H, W] grey, received shape {frame.shape}")
    if min(frame.shape[:2]) < min_side_px:
        raise ValueError(
            f"flow, {name}: expected at least {min_side_px} px in height and width, received "
            f"{frame.shape[0]}×{frame.shape[1]}"
        )


def _zero_flow(target, source):
    del source
    return np.zeros((*target.shape[:2], 2), np.float32)


def _estimate_grey(algorithm, target, source):
    return algorithm(opencv.to_grey(target), opencv.to_grey(source))


@functools.lru_cache(maxsize=1)  # trace the graph once, however often it is opened
def _open_in_graph():
    import tensorflow as tf

    from keras_pose.flow import in_graph

    frame = tf.TensorSpec([None, None, 3], tf.uint8)  # one graph for all sizes: tracing takes seconds

    @tf.function(input_signature=[frame, frame], autograph=False)
    def graph(target, source):
        return in_graph.estimate_flow(tf.cast(target, tf.float32)[None], tf.cast(source, tf.float32)[None])[0]

    def estimate(target, source):
        if target.ndim == 2:
            target, source = (np.repeat(frame[..., None], 3, axis=-1) for frame in (target, source))
        return graph(tf.constant(target), tf.constant(source)).numpy()

    return estimate
