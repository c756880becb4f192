"""Videos of a square that moves, and suggested frames of them, for tests."""

import numpy as np

from keras_pose.labelling.suggestions import SuggestedFrame, Suggestions
from keras_pose.media.video import write_video
from keras_pose.poses.video_poses import ModelFacts, VideoFacts, VideoPoses, empty_arrays
from keras_pose.skeleton import Skeleton
from keras_pose.viz.pictures import save_png

SKELETON = Skeleton("pair", ("left", "right"), (("left", "right"),), (("left", "right"),))
SIZE_HW = (48, 64)


def make_frames(count=12, seed=0, step_px=2):
    """uint8 [count, 48, 64, 3]: a textured square that moves right by `step_px` a frame on a textured ground."""
    rng = np.random.default_rng(seed)
    ground = np.kron(rng.integers(40, 110, (12, 16, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    square = np.kron(rng.integers(120, 250, (5, 5, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    frames = np.repeat(ground[None], count, axis=0)
    for number, frame in enumerate(frames):
        left = 4 + step_px * number
        frame[14:34, left : left + 20] = square[:, : 64 - left]
    return frames


def true_joints(count=12, step_px=2):
    """float32 [count, 2, 2]: two points on the square."""
    left = 4 + step_px * np.arange(count)
    points = np.stack([np.stack([left + 5, np.full(count, 20)], -1), np.stack([left + 15, np.full(count, 28)], -1)], 1)
    return points.astype(np.float32)


def write_clip(path, count=12, seed=0):
    """Writes a video of `make_frames`; returns its path as text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_video(path, make_frames(count, seed), 25)
    return str(path)


def make_poses(path, count=12, seed=0):
    """Poses of such a video: the true joints, with random scores."""
    arrays = empty_arrays(count, 1, 2)
    arrays["frames"] = np.arange(count)
    arrays["times_s"] = np.arange(count) / 25
    arrays["decoded"][:] = True
    arrays["joints"][:, 0] = true_joints(count)
    arrays["scores"][:] = np.random.default_rng(seed).uniform(0.2, 0.9, arrays["scores"].shape)
    arrays["regions"][:] = [0, 0, 64, 48]
    video = VideoFacts(str(path), SIZE_HW, 25.0, count)
    return VideoPoses(video=video, model=ModelFacts("mine", "", "ab" * 32, "1"), skeleton=SKELETON, **arrays)


def make_suggestions(folder, clips=("one", "two words"), numbers=(2, 10)):
    """Writes a video for each clip; returns `Suggestions` of these frames, with odd positions and a joint missing."""
    frames = []
    videos = {}
    for index, clip in enumerate(clips):
        path = write_clip(folder / f"{clip}.avi", seed=index)
        videos[clip] = VideoFacts(path, SIZE_HW, 25.0, 12)
        for number in numbers:
            joints = (true_joints()[number] + [[0.123, -0.456], [1 / 3, 0.777]]).astype(np.float32)
            if (index, number) == (0, numbers[-1]):
                joints[1] = np.nan
            known = np.isfinite(joints).all(-1)
            signs = {"unsure": 0.9, "jumps": 0.2}
            confidences = np.where(known, [0.25, 0.75], 0).astype(np.float32)
            frames.append(
                SuggestedFrame(clip, number, number / 25, 0.5 + number / 100, signs, joints, confidences, ~known)
            )
    return Suggestions(frames, videos, SKELETON, ModelFacts("mine", "", "ab" * 32, "1"))


def write_picture(path, number, seed=0):
    """Writes a frame of `make_frames` as PNG."""
    save_png(path, make_frames(12, seed)[number])
