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
from keras_pose.inference.pose_model import CENTRED, FramePose, PoseModel, Poses, Stream
from keras_pose.inference.window_engine import CHUNK, WindowEngine
from keras_pose.inference.window_stream import WindowStream
from keras_pose.poses.video_poses import ModelFacts
from keras_pose.skeleton import Skeleton

_CHUNK = CHUNK  # frames that are sent at once


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
        # The flags of the window are in the card of a net that pools only.
        self._reach = training.get("window", 0) * training.get("frame_stride", 1)
        self.input_size_hw = (int(card["input_size_hw"][0]), int(card["input_size_hw"][1]))
        name = os.path.basename(os.path.dirname(os.path.abspath(folder)))
        self.facts = ModelFacts(name, str(card["version"]), saved_models.digest_files(folder), keras_pose.__version__)

    def predict(self, frames: np.ndarray) -> Poses:
        """See `PoseModel.predict`."""
        frames = check_frames(frames)
        if not len(frames):
            num_joints = self.skeleton.num_joints
            return Poses(np.zeros((0, num_joints, 2), np.float32), np.zeros((0, num_joints), np.float32))
        parts = [self._predict_chunk(frames, start, start + _CHUNK) for start in range(0, len(frames), _CHUNK)]
        return Poses(*(np.concatenate(part) for part in zip(*parts)))

    def stream(self, mode: str = CENTRED) -> Stream:
        """See `PoseModel.stream`. Each pose of a net that pools costs a pass over its whole window."""
        return WindowStream(
            self._predict_middle,
            self.skeleton.num_joints,
            self._reach,
            mode,
            self.input_size_hw,
            self.calibration,
        )

    def open_engine(self) -> Engine:
        """See `PoseModel.open_engine`."""
        return WindowEngine(self._predict_chunk, self.input_size_hw, self._reach, self._predict_single)

    def settings(self) -> dict[str, Any]:
        """See `PoseModel.settings`."""
        return {"reach": self._reach, "input_size": list(self.input_size_hw)}

    def _predict_in_order(self, frames):
        """In chunks, each with its neighbours: a frame is sent once or twice, not once for each window."""
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
            ready = first + len(kept) - (self._reach if failure is None else 0)
            while ready - done >= _CHUNK or (failure is not None and ready > done):
                end = min(done + _CHUNK, ready)
                yield from self._predict_kept(kept, first, done, end)
                done = end
                unneeded = max(0, done - self._reach - first)
                kept = kept[unneeded:]
                first += unneeded
        if not isinstance(failure, StopIteration):
            raise failure

    def _predict_kept(self, kept, first, start, end):
        poses = {number: FramePose.missing(number, self.skeleton.num_joints) for number in range(start, end)}
        there = [number for number in poses if kept[number - first] is not None]
        if self._reach and there:
            joints, scores = self._predict_chunk(kept, start - first, end - first)
            poses.update((n, FramePose(n, joints[n - start], scores[n - start])) for n in there)
        elif there:
            joints, scores = self._predict_chunk([kept[n - first] for n in there], 0, len(there))
            poses.update((n, FramePose(n, *pose)) for n, *pose in zip(there, joints, scores))
        return list(poses.values())

    def _predict_middle(self, frames, middle):
        joints, scores = self._predict_chunk(frames, middle, middle + 1)
        return joints[0], scores[0]

    def _predict_chunk(self, frames, start, end):
        """Joints and scores of frames `start` to `end`, which are sent together with their neighbours.

        With neighbours, a frame may be None; windows end before it, and its own joints mean nothing.
        """
        if not self._reach:
            return self._predict_single(frames, start, end)
        first = max(0, start - self._reach)
        last = min(len(frames), end + self._reach)
        encoded = [b"" if frame is None else _encode(frame) for frame in frames[first:last]]
        answer = self._signatures["predict_clip"](frames_bytes=tf.constant([encoded]))
        wanted = slice(start - first, end - first)
        return answer["keypoints"][0, wanted].numpy(), answer["scores"][0, wanted].numpy()

    def _predict_single(self, frames, start, end):
        """Joints and scores of frames `start` to `end`, each without its neighbours."""
        answer = self._signatures["predict_frames"](frames=tf.constant(np.stack(frames[start:end])))
        return answer["keypoints"].numpy(), answer["scores"].numpy()

    def _describe(self, topic):
        text = self._signatures["describe"](topic=tf.constant([topic]))["text"][0].numpy()
        return json.loads(text) if text else None


def _encode(frame):
    return cv2.imencode(".png", frame[..., ::-1])[1].tobytes()
