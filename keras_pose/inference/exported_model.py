"""A SavedModel that `export.py` wrote, behind the interface of `keras_pose.load`.

Frames of a net that pools go to the signature `predict_clip`, which pools windows; other nets see single frames.
"""

from __future__ import annotations

import json
import os
from typing import Any

import cv2
import numpy as np
import tensorflow as tf

import keras_pose
from keras_pose.confidence.calibration import Calibration
from keras_pose.inference import saved_models
from keras_pose.inference.engine import Engine
from keras_pose.inference.frame_checks import check_frames
from keras_pose.inference.pose_model import (
    CENTRED,
    NO_REACH,
    FramePose,
    PoseModel,
    Poses,
    Stream,
    check_frame_rate,
    warn_of_assumed_rate,
)
from keras_pose.inference.window_engine import CHUNK, WindowEngine
from keras_pose.inference.window_stream import WindowStream
from keras_pose.pooling.config import WindowConfig
from keras_pose.pooling.reach import Reach
from keras_pose.poses.video_poses import ModelFacts
from keras_pose.skeleton import Skeleton

_CHUNK = CHUNK  # frames that are sent at once
_AT_RATE = "predict_clip_at_rate"


class ExportedModel(PoseModel):
    """A version of an export.

    Args:
      folder: folder of the version, with saved_model.pb.

    Raises:
      ValueError: if the SavedModel was not written by `export.py`.
    """

    def __init__(self, folder: str) -> None:
        self._loaded = saved_models.load(folder)
        self._signatures = self._loaded.signatures
        missing = [name for name in ("describe", "predict_frames", "predict_clip") if name not in self._signatures]
        if missing:
            raise ValueError(f"{folder}: expected an export of keras_pose, found no signature {', '.join(missing)}")
        self.skeleton = Skeleton(**self._describe("skeleton"))
        calibration = self._describe("calibration")  # exports of earlier versions do not know the topic
        self.calibration = Calibration.from_dict(calibration) if calibration else None
        card = self._describe("model_card")
        training = card["training"]
        self._window = _read_window(training)
        self.input_size_hw = (int(card["input_size_hw"][0]), int(card["input_size_hw"][1]))
        name = os.path.basename(os.path.dirname(os.path.abspath(folder)))
        self.facts = ModelFacts(name, str(card["version"]), saved_models.digest_files(folder), keras_pose.__version__)

    def predict(self, frames: np.ndarray, frame_rate: float = 0.0) -> Poses:
        """See `PoseModel.predict`."""
        self.window_reach(frame_rate)
        frames = check_frames(frames)
        if not len(frames):
            num_joints = self.skeleton.num_joints
            return Poses(np.zeros((0, num_joints, 2), np.float32), np.zeros((0, num_joints), np.float32))
        starts = range(0, len(frames), _CHUNK)
        parts = [self._predict_chunk(frames, start, start + _CHUNK, frame_rate) for start in starts]
        return Poses(*(np.concatenate(part) for part in zip(*parts)))

    def stream(self, mode: str = CENTRED, frame_rate: float = 0.0) -> Stream:
        """See `PoseModel.stream`. Each pose of a net that pools costs a pass over its whole window."""
        reach = self.window_reach(frame_rate)

        def predict_middle(frames, middle):
            joints, scores = self._predict_chunk(frames, middle, middle + 1, frame_rate)
            return joints[0], scores[0]

        return WindowStream(
            predict_middle,
            self.skeleton.num_joints,
            reach.frames,
            mode,
            self.input_size_hw,
            self.calibration,
        )

    def open_engine(self, frame_rate: float = 0.0) -> Engine:
        """See `PoseModel.open_engine`."""
        reach = self.window_reach(frame_rate)

        def predict_chunk(frames, start, end):
            return self._predict_chunk(frames, start, end, frame_rate)

        return WindowEngine(predict_chunk, self.input_size_hw, reach.frames, self._predict_single)

    def window_reach(self, frame_rate: float = 0.0) -> Reach:
        """See `PoseModel.window_reach`."""
        check_frame_rate(frame_rate)
        if self._window is None:
            return NO_REACH
        warn_of_assumed_rate(self._window, frame_rate)
        return self._window.reach_at(frame_rate)

    def settings(self) -> dict[str, Any]:
        """See `PoseModel.settings`."""
        found: dict[str, Any] = {"reach": self._reach_frames(0.0), "input_size": list(self.input_size_hw)}
        if self._window is not None and self._window.in_seconds:
            found["window_seconds"] = self._window.window_seconds
        return found

    def _predict_in_order(self, frames, frame_rate=0.0):
        """In chunks, each with its neighbours: a frame is sent once or twice, not once for each window."""
        reach = self.window_reach(frame_rate).frames
        kept = []  # the frames that are still needed, from number `first` on; None for one that was not decoded
        first = 0
        done = 0
        failure = None
        reader = iter(frames)
        while failure is None:
            try:
                kept.append(next(reader))
            except (StopIteration, ValueError, OSError) as error:
                failure = error
            # Predict a chunk as soon as the neighbours after it are there, and all frames that are left at the end.
            ready = first + len(kept) - (reach if failure is None else 0)
            while ready - done >= _CHUNK or (failure is not None and ready > done):
                end = min(done + _CHUNK, ready)
                yield from self._predict_kept(kept, first, done, end, frame_rate)
                done = end
                unneeded = max(0, done - reach - first)
                kept = kept[unneeded:]
                first += unneeded
        if not isinstance(failure, StopIteration):
            raise failure

    def _predict_kept(self, kept, first, start, end, frame_rate):
        poses = {number: FramePose.missing(number, self.skeleton.num_joints) for number in range(start, end)}
        there = [number for number in poses if kept[number - first] is not None]
        if there and self._reach_frames(frame_rate):
            joints, scores = self._predict_chunk(kept, start - first, end - first, frame_rate)
            poses.update((n, FramePose(n, joints[n - start], scores[n - start])) for n in there)
        elif there:
            joints, scores = self._predict_single([kept[n - first] for n in there], 0, len(there))
            poses.update((n, FramePose(n, *pose)) for n, *pose in zip(there, joints, scores))
        return list(poses.values())

    def _predict_chunk(self, frames, start, end, frame_rate=0.0):
        """Joints and scores of frames `start` to `end`, which are sent together with their neighbours.

        With neighbours, a frame may be None; windows end before it, and its own joints mean nothing.
        """
        reach = self._reach_frames(frame_rate)
        if not reach:
            return self._predict_single(frames, start, end)
        first = max(0, start - reach)
        last = min(len(frames), end + reach)
        encoded = [b"" if frame is None else _encode(frame) for frame in frames[first:last]]
        request = {"frames_bytes": tf.constant([encoded])}
        if self._window.in_seconds:
            answer = self._signatures[_AT_RATE](**request, frame_rate=tf.constant([frame_rate], tf.float32))
        else:
            answer = self._signatures["predict_clip"](**request)
        wanted = slice(start - first, end - first)
        return answer["keypoints"][0, wanted].numpy(), answer["scores"][0, wanted].numpy()

    def _reach_frames(self, frame_rate):
        return 0 if self._window is None else self._window.reach_at(frame_rate).frames

    def _predict_single(self, frames, start, end):
        """Joints and scores of frames `start` to `end`, each without its neighbours."""
        answer = self._signatures["predict_frames"](frames=tf.constant(np.stack(frames[start:end])))
        return answer["keypoints"].numpy(), answer["scores"].numpy()

    def _describe(self, topic):
        text = self._signatures["describe"](topic=tf.constant([topic]))["text"][0].numpy()
        return json.loads(text) if text else None


def _read_window(training):
    """The `WindowConfig` of an export; None if its net sees single frames. Its flags are in the card if it pools."""
    if not training.get("window"):
        return None
    count = training["window"]
    if "window_seconds" not in training:
        return WindowConfig(count, frame_stride=training.get("frame_stride", 1))
    return WindowConfig(count, training["window_seconds"], frame_rate=training["frame_rate"])


def _encode(frame):
    return cv2.imencode(".png", frame[..., ::-1])[1].tobytes()
