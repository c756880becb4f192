"""Writes a set of synthetic signers as video files with COCO labels.

`python -m keras_pose.data.synthetic.export --split=test --num_clips=20 --out=<folder>` writes `videos/*.avi` and
`annotations.json`, which `keras_pose.data.importers.coco` reads. The annotations are written last, so a folder with
annotations is complete.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from typing import Any

from absl import app, flags

from keras_pose import ending, files
from keras_pose.data.synthetic import signers, versions
from keras_pose.media.video import write_video
from keras_pose.skeleton import Skeleton


def export_signers(
    out: str | os.PathLike[str],
    split: str,
    num_clips: int,
    num_frames: int = 16,
    size_hw: tuple[int, int] = (128, 128),
    fps: float = 25.0,
    ending: str = "avi",
    progress: Callable[[int, int], object] | None = None,
    version: int = 1,
) -> str:
    """Writes videos and `annotations.json`.

    Args:
      out: folder to write to, created if it is missing.
      split: one of `signers.SPLITS`.
      num_clips: number of clips: the first of the split.
      num_frames: frames per clip.
      size_hw: (height, width) of a frame in px.
      fps: frames per second.
      ending: "avi" (motion JPEG) or "mp4" (MPEG-4).
      progress: called with (clips written, num_clips) after each clip.
      version: version of the signers, see `versions`.

    Returns:
      The path of the annotations.

    Raises:
      ValueError: for arguments that `signers.generate` or `write_video` refuses.
    """
    source = signers.open_signers(split, num_clips, num_frames, size_hw, version=version)
    path = os.path.join(out, "annotations.json")
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)  # labels of an earlier export do not match the new videos
    content: dict[str, Any] = {
        "info": {"description": f"Synthetic signers, split {split}, {num_clips} clips", "version": str(version)},
        "videos": [],
        "images": [],
        "annotations": [],
        "categories": [describe_skeleton(source.skeleton)],
    }
    for number, clip in enumerate(source.clips):
        file_name = f"videos/{clip.name}.{ending}"
        write_video(os.path.join(out, file_name), clip.frames.read(range(num_frames)), fps)
        _describe_clip(content, number, clip, file_name, fps)
        if progress is not None:
            progress(number + 1, num_clips)
    files.write_json(path, content)
    return path


def describe_skeleton(skeleton: Skeleton) -> dict[str, Any]:
    """Returns a skeleton as a COCO category, with edges that count from 1, and with its flip pairs and colours."""
    return {
        "id": 1,
        "name": skeleton.name,
        "supercategory": "person",
        "keypoints": list(skeleton.joints),
        "skeleton": [[start + 1, end + 1] for start, end in skeleton.edge_indices()],
        "flip_pairs": [list(pair) for pair in skeleton.flip_pairs],
        "colors": [list(color) for color in skeleton.colors],
    }


def _describe_clip(content, number, clip, file_name, fps):
    height, width = clip.frames.size_hw
    video = {"id": number + 1, "name": clip.name, "file_name": file_name, "width": width, "height": height, "fps": fps}
    content["videos"].append(video)
    for row, index in enumerate(clip.labelled.tolist()):
        image_id = len(content["images"]) + 1
        image = {"id": image_id, "video_id": number + 1, "frame_index": index, "width": width, "height": height}
        content["images"].append({**image, "file_name": f"{file_name}#{index}"})
        content["annotations"].append(_describe_label(image_id, clip.joints[row], clip.visibility[row]))


def _describe_label(image_id, joints, visibility):
    low = joints.min(0).astype(float)
    high = joints.max(0).astype(float)
    points = joints.astype(float).tolist()
    width, height = (high - low).tolist()
    return {
        "id": image_id,
        "image_id": image_id,
        "category_id": 1,
        "keypoints": [value for (x, y), v in zip(points, visibility.tolist()) for value in (x, y, v)],
        "num_keypoints": len(points),
        "bbox": [*low.tolist(), width, height],
        "area": width * height,
        "iscrowd": 0,
    }


def define_flags() -> None:
    """Defines the flags of this command; not on import, when they could clash with those of other commands."""
    flags.DEFINE_string("out", None, "Folder to write to, created if it is missing.", required=True)
    flags.DEFINE_enum("signers", versions.NAMES[0], versions.NAMES, versions.HELP)
    flags.DEFINE_enum("split", "test", signers.SPLITS, "Split of the clips.")
    flags.DEFINE_integer("num_clips", 20, "Number of clips: the first of the split.", lower_bound=1)
    flags.DEFINE_integer("num_frames", 16, "Frames per clip.", lower_bound=1)
    flags.DEFINE_integer("height", 128, "Height of a frame in px.", lower_bound=16)
    flags.DEFINE_integer("width", 128, "Width of a frame in px.", lower_bound=16)
    flags.DEFINE_float("fps", 25.0, "Frame rate of the videos, in frames per second.", lower_bound=1.0)
    flags.DEFINE_enum(
        "format",
        "avi",
        ("avi", "mp4"),
        "Format of the videos. avi: motion JPEG, close to the original; mp4: MPEG-4, smaller and more blurred.",
    )


def main(argv: Sequence[str]) -> None:
    """Writes what the flags ask for."""
    if len(argv) > 1:
        raise app.UsageError(f"expected flags only, received {argv[1:]}")

    def progress(done: int, total: int) -> None:
        print(f"\r{done}/{total} clips", end="\n" if done == total else "", flush=True)

    size_hw = (flags.FLAGS.height, flags.FLAGS.width)
    with ending.exit_on_error("export"):
        path = export_signers(
            flags.FLAGS.out,
            flags.FLAGS.split,
            flags.FLAGS.num_clips,
            flags.FLAGS.num_frames,
            size_hw,
            flags.FLAGS.fps,
            flags.FLAGS.format,
            progress,
            versions.NAMES.index(flags.FLAGS.signers) + 1,
        )
        print(f"wrote {path}")


if __name__ == "__main__":
    define_flags()
    app.run(main)
