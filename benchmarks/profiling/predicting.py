"""The parts of a frame's time in streams and in predictions of videos."""

from __future__ import annotations

import functools
import itertools
import os
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.video import streaming_stages
from benchmarks.video.streaming_stages import FLOW, JOINTS
from keras_pose.data.synthetic import signers
from keras_pose.flow import estimators, opencv
from keras_pose.inference import lite_graph, lite_net
from keras_pose.inference.calibrated import make_pose
from keras_pose.inference.engine import view_fitted
from keras_pose.inference.graphs import FrameGraphs
from keras_pose.inference.streaming import StreamingPredictor
from keras_pose.media.mp4_writer import Mp4Writer
from keras_pose.media.video import VideoFrames
from keras_pose.models import factory, flowing_net
from keras_pose.models.pose_net import PoseNet

NEIGHBOURS = 5


def make_net(preset: str, side_px: int) -> tuple[Callable[[], np.ndarray], int]:
    """Returns a function that runs a net on a frame in its fastest engine, and its multiplications."""
    net = PoseNet(factory.build_model("heatmap", preset, JOINTS, (side_px, side_px)))
    graphs = FrameGraphs(net, (side_px, side_px), JOINTS, lite_net.open_lite_net(net))
    frame = np.random.default_rng(0).integers(0, 256, (1, side_px, side_px, 3), np.uint8)
    products = lite_graph.count_products(lite_net.trace_net(net))
    return lambda: np.asarray(graphs.run_net(frame)), products


def make_streaming_parts(side_px: int = 256) -> dict[str, Callable[[], Any]]:
    """Returns functions of the parts of a frame of a stream with flow, the whole frame first."""
    size_hw = (side_px, side_px)
    frames = signers.generate("test", 0, 32, size_hw).frames
    source = itertools.cycle(np.concatenate([frames, frames[-2:0:-1]]))
    model = factory.build_model("heatmap", "lite", JOINTS, size_hw)
    flowing = flowing_net.build_flowing_net(model, 2 * NEIGHBOURS + 1, size_hw)
    stream = StreamingPredictor(flowing, signers.SKELETON, size_hw, flow=FLOW)
    for _ in range(2 * NEIGHBOURS + 2):
        stream.push(next(source))
    first, second = (opencv.to_grey(frame) for frame in frames[:2])
    estimate = estimators.open_estimator(FLOW)
    maps = np.asarray(stream.graphs.run_net(frames[:1]))
    parts = {
        "a frame": lambda: stream.push(next(source)),
        "net": lambda: np.asarray(stream.graphs.run_net(frames[:1])),
        "flow, both directions": lambda: (estimate(first, second), estimate(second, first)),
        "joints of the maps": lambda: np.asarray(stream.graphs.decode(maps)),
        "frame to input": lambda: view_fitted(frames[0], None, size_hw),
    }
    if size_hw == streaming_stages.SIZE_HW:
        flow = estimate(first, second)
        parts["warps and pooling"] = streaming_stages.open_pooling(NEIGHBOURS, lambda target, source: flow)
    return parts


def make_predicting_parts(side_px: int = 256, batch: int = 8) -> dict[str, Callable[[], Any]]:
    """Returns functions of the parts of a batch of frames of a video of 640×480 px, from file to joints."""
    size_hw = (side_px, side_px)
    net = PoseNet(factory.build_model("heatmap", "lite", JOINTS, size_hw))
    graphs = FrameGraphs(net, size_hw, JOINTS, lite_net.open_lite_net(net))
    frames = signers.generate("test", 0, batch, (480, 640)).frames
    next_frames = _open_video(frames)
    views = [view_fitted(frame, None, size_hw) for frame in frames]
    images = np.stack([view.image for view in views])
    maps = np.asarray(graphs.run_net(images))
    decoded = np.asarray(graphs.decode_modes(maps))

    def predict():
        seen = [view_fitted(frame, None, size_hw) for frame in next_frames()]
        found = np.asarray(graphs.decode_modes(graphs.run_net(np.stack([view.image for view in seen]))))
        return [make_pose(n, view, joints) for n, (view, joints) in enumerate(zip(seen, found))]

    return {
        f"a batch of {batch} frames": predict,
        "decoding the video": next_frames,
        "frames to input": lambda: [view_fitted(frame, None, size_hw) for frame in frames],
        "net": lambda: np.asarray(graphs.run_net(images)),
        "joints and second modes of the maps": lambda: np.asarray(graphs.decode_modes(maps)),
        "poses": lambda: [make_pose(n, view, joints) for n, (view, joints) in enumerate(zip(views, decoded))],
    }


def _open_video(frames):
    """Returns a function that decodes the next frames of a video, which begins again at its end."""
    folder = tempfile.TemporaryDirectory()
    path = os.path.join(folder.name, "video.mp4")
    with Mp4Writer(path, frames.shape[1:3]) as writer:
        for number, frame in enumerate(itertools.islice(itertools.cycle(frames), 4 * len(frames))):
            writer.write(frame, number / 25)

    def decode(kept):
        while True:
            yield from VideoFrames(os.path.join(kept.name, "video.mp4"))

    reader = decode(folder)
    return functools.partial(lambda count: list(itertools.islice(reader, count)), len(frames))
