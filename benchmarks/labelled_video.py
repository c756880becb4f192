"""Speed and size of labelled videos: `python -m benchmarks.labelled_video [--quick] [--json=<file>]`.

640×480 px, a synthetic signer with its true joints, 7 of them, with trails of 10 frames: drawing and encoding each on
its own, and whole videos from file to file for several presets of x264.

`--figure=docs/images/labelled.jpg --run_dir=runs/quickstart` draws frames of test signers, with poses of that run.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row, Spread
from benchmarks.common.timing import time_in_turn
from keras_pose.data.synthetic import signers
from keras_pose.media.h264_encoder import Encoding, SegmentEncoder
from keras_pose.media.mp4_writer import Mp4Writer
from keras_pose.poses.video_poses import ModelFacts, VideoFacts, VideoPoses, empty_arrays
from keras_pose.viz.label_style import Run, Style
from keras_pose.viz.labelled_frame import FrameLabeller
from keras_pose.viz.labelled_video import people_in_frame, write_labelled_video

SIZE_HW = (480, 640)
FPS = 25.0
PRESETS = ("ultrafast", "superfast", "veryfast", "faster")


def make_video(path: str, num_frames: int, size_hw: tuple[int, int] = SIZE_HW) -> tuple[np.ndarray, VideoPoses]:
    """Writes a video of a signer; returns its frames, uint8 [N, H, W, 3], and the true poses."""
    clip = signers.generate("test", 0, num_frames, size_hw)
    with Mp4Writer(path, size_hw, crf=16) as writer:
        for number, frame in enumerate(clip.frames):
            writer.write(frame, number / FPS)
    arrays: dict[str, Any] = empty_arrays(num_frames, 1, signers.SKELETON.num_joints)
    arrays["frames"] = np.arange(num_frames)
    arrays["times_s"] = np.arange(num_frames) / FPS
    arrays["decoded"][:] = True
    arrays["joints"][:, 0] = clip.joints
    arrays["scores"][:] = np.random.default_rng(0).uniform(0.2, 1, arrays["scores"].shape)
    facts = VideoFacts(path, size_hw, FPS, num_frames)
    poses = VideoPoses(video=facts, model=ModelFacts("truth"), skeleton=signers.SKELETON, **arrays)
    return clip.frames, poses


def stage_rows(frames: np.ndarray, poses: VideoPoses, repeats: int) -> list[Row]:
    """Returns rows of ms a frame: drawing and encoding, each in one thread."""
    style = Style()
    height, width = frames.shape[1:3]
    labeller = FrameLabeller((height, width), [Run("truth", poses.skeleton)], style)

    def draw():
        rows = range(poses.num_frames)
        return [labeller.draw(frames[i], [people_in_frame(poses, i, style.trail_frames)], i, i / FPS) for i in rows]

    drawn = draw()

    def encode():
        encoder = SegmentEncoder(Encoding(labeller.size_hw))
        for frame in drawn:
            encoder.encode(frame)
        encoder.finish()

    timings = time_in_turn({"drawing": draw, "encoding": encode}, repeats, warmup=1)
    scale = 1e3 / len(frames)
    return [Spread.from_samples(scale * s).to_row(name, "ms/frame") for name, s in timings.samples.items()]


def video_rows(path: str, poses: VideoPoses, repeats: int) -> list[Row]:
    """Returns rows of frames a second from file to file and of Mbit/s, for each preset."""
    out = os.path.join(os.path.dirname(path), "labelled.mp4")
    sizes = {}

    def make_write(preset):
        def write():
            write_labelled_video(out, path, [poses], Style(preset=preset))
            sizes[preset] = os.path.getsize(out)

        return write

    start = time.process_time()
    make_write(Style().preset)()
    busy_ms = 1e3 * (time.process_time() - start) / poses.num_frames
    rows = [Row(f"{Style().preset}, processor time of all threads", busy_ms, "ms/frame")]
    timings = time_in_turn({preset: make_write(preset) for preset in PRESETS}, repeats, warmup=1)
    for preset, seconds in timings.samples.items():
        target = ">= 60" if preset == Style().preset else None
        speed = Spread.from_samples(poses.num_frames / seconds)
        rows.append(speed.to_row(f"{preset}, file to file", "frames/s", target=target))
        rows.append(Row(f"{preset}, size", sizes[preset] * 8e-6 * FPS / poses.num_frames, "Mbit/s"))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("Speed and size of labelled videos.")
    parser.add_argument("--figure", metavar="FILE", help="Draw labelled frames of test signers instead.")
    parser.add_argument("--run_dir", metavar="FOLDER", help="The run whose poses the figure shows.")
    arguments = parser.parse_args(argv)
    if arguments.figure:
        if not arguments.run_dir:
            parser.error("--figure also needs --run_dir")
        from benchmarks.figures import labelled_figure  # it loads TensorFlow

        labelled_figure.save(arguments.figure, arguments.run_dir)
        return
    num_frames, repeats = (50, 3) if arguments.quick else (250, 8)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "signer.mp4")
        frames, poses = make_video(path, num_frames)
        rows = stage_rows(frames, poses, repeats) + video_rows(path, poses, repeats)
    harness.report("labelled_video", rows, arguments)


if __name__ == "__main__":
    main()
