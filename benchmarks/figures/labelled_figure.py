"""The picture of labelled frames in docs/video.md: test signers, with the poses of a run.

The second frame is a hard one: marked joints are those whose heatmap has a second mode that is close in height and far
away.
"""

from __future__ import annotations

import os

import cv2
import numpy as np

import keras_pose
from keras_pose import files
from keras_pose.data.synthetic import signers
from keras_pose.inference.pose_model import PoseModel
from keras_pose.viz.label_style import FramePeople, Run, Style
from keras_pose.viz.labelled_frame import FrameLabeller

SIZE_HW = (360, 480)
CLIPS = (15, 17)
_FRAME = 14  # of 16
_FPS = 25.0
_CLOSE = 0.6  # height of a second mode as a share of the first
_FAR = 0.08  # distance of the modes as a share of the longer side


def draw(model: PoseModel, clips: tuple[int, ...] = CLIPS) -> np.ndarray:
    """Returns uint8 [H, W, 3]: a labelled frame of each clip, beside each other."""
    labeller = FrameLabeller(SIZE_HW, [Run("", model.skeleton)], Style(trail_frames=12))
    pictures = []
    for clip in clips:
        frames = signers.generate("test", clip, _FRAME + 2, SIZE_HW).frames
        poses = model.predict(frames)
        modes = model.predict_modes(frames[_FRAME : _FRAME + 1], 2)
        far = np.linalg.norm(modes.joints[0, :, 1] - modes.joints[0, :, 0], axis=-1) > _FAR * max(SIZE_HW)
        close = modes.scores[0, :, 1] > _CLOSE * modes.scores[0, :, 0]
        people = FramePeople(
            poses.joints[_FRAME][None], poses.scores[_FRAME][None], (close & far)[None], poses.joints[:_FRAME, None]
        )
        pictures.append(labeller.draw(frames[_FRAME], [people], _FRAME, _FRAME / _FPS))
    return np.concatenate(pictures, 1)


def save(path: str | os.PathLike[str], run_dir: str) -> None:
    """Writes the picture as JPEG."""
    picture = draw(keras_pose.load(run_dir))
    with files.replace_atomically(path) as temporary, open(temporary, "wb") as file:
        file.write(cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes())
