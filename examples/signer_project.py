"""Makes a small project to try everything with: videos of a synthetic signer, of which a few frames are labelled.

`python -m examples.signer_project --out=runs/first` writes `videos/signer_1.mp4` to `signer_5.mp4`, and `project/`, a
DeepLabCut project with labels of frames spread evenly over all videos but the last. Nothing is downloaded; the same
command gives the same frames and labels.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

import numpy as np

from keras_pose import ending
from keras_pose.data.synthetic import signers
from keras_pose.labelling import deeplabcut_config, label_tables
from keras_pose.media.mp4_writer import Mp4Writer
from keras_pose.media.video import VideoFrames
from keras_pose.poses.video_poses import VideoFacts
from keras_pose.viz import pictures

FPS = 25.0
SCORER = "me"


def write_project(
    out: str,
    num_videos: int = 5,
    num_frames: int = 100,
    num_labels: int = 8,
    size_px: int = 192,
    signer: int = 0,
) -> tuple[str, str]:
    """Writes videos of one signer, and a project with their labels.

    Args:
      out: folder to write to, created if it is missing.
      num_videos: videos, at least 2: one performance, cut into so many parts. The last one gets no labels.
      num_frames: frames of each video.
      num_labels: labelled frames of each other video, at most `num_frames`.
      size_px: height and width of a frame.
      signer: number of the signer among those of the split "test".

    Returns:
      The paths of the project and of the folder of videos.

    Raises:
      ValueError: for numbers that do not fit each other.
      OSError: if a file cannot be written.
    """
    if not 1 <= num_labels <= num_frames:
        raise ValueError(f"num_labels: expected 1 to {num_frames}, received {num_labels}")
    if num_videos < 2:
        raise ValueError(f"num_videos: expected at least 2, received {num_videos}")
    clip = signers.generate("test", signer, num_videos * num_frames, (size_px, size_px))
    project = os.path.join(out, "project")
    labelled = ((np.arange(num_labels) + 0.5) * num_frames / num_labels).astype(int)
    videos: dict[str, VideoFacts] = {}
    for number in range(num_videos):
        name = f"signer_{number + 1}"
        path = os.path.join(out, "videos", f"{name}.mp4")
        first = number * num_frames
        _write_video(path, clip.frames[first : first + num_frames])
        if number < num_videos - 1:
            folder = os.path.join(project, label_tables.FOLDER, name)
            _write_labels(folder, path, labelled, clip.joints[first + labelled])
            videos[name] = VideoFacts(path, (size_px, size_px), FPS, num_frames)
    deeplabcut_config.write_config(project, signers.SKELETON, SCORER, videos)
    return project, os.path.join(out, "videos")


def _write_video(path, frames):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with Mp4Writer(path, frames.shape[1:3]) as writer:
        for number, frame in enumerate(frames):
            writer.write(frame, number / FPS)


def _write_labels(folder, video, numbers, joints):
    """Writes the pictures of labelled frames as the video shows them, and the table of their labels."""
    names = [f"img{number:03d}.png" for number in numbers]
    reader = VideoFrames(video)
    for name, picture in zip(names, reader.read(numbers)):
        pictures.save_png(os.path.join(folder, name), picture)
    reader.close()
    rows = dict(zip(names, joints.astype(float).round(2)))
    table = label_tables.make_table(os.path.basename(folder), rows, signers.SKELETON.joints, SCORER)
    label_tables.write_csv(os.path.join(folder, f"CollectedData_{SCORER}.csv"), table)


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes what the command line asks for."""
    parser = argparse.ArgumentParser(prog="signer_project", description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="Folder to write to, created if it is missing.")
    parser.add_argument("--num_videos", type=int, default=5, help="Number of videos; the last has no labels.")
    parser.add_argument("--num_frames", type=int, default=100, help="Frames of each video, at 25 a second.")
    parser.add_argument("--num_labels", type=int, default=8, help="Labelled frames of each other video.")
    parser.add_argument("--signer", type=int, default=0, help="Number of the signer; each looks different.")
    flags = parser.parse_args(arguments)
    with ending.exit_on_error("signer_project"):
        project, videos = write_project(
            flags.out, flags.num_videos, flags.num_frames, flags.num_labels, signer=flags.signer
        )
        labelled = flags.num_labels * (flags.num_videos - 1)
        print(f"wrote {flags.num_videos} videos to {videos}, and {project} with {labelled} labelled frames of them")


if __name__ == "__main__":
    main()
