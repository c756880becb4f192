"""Asks a server for the joints in images and videos, and writes them as JSON.

python -m serving.client --url=http://localhost:8501 --model=pose --output=poses.json left.jpg right.png talk.mp4

Pictures and videos are sent upright, as viewers and players show them; positions are in px of the upright picture.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import warnings
from collections.abc import Sequence

from serving.client import documents, errors, media, pictures, pose_client


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
      argv: the arguments, without the program's name. None: those of this process.

    Returns:
      The exit status: 0, 1 after an error (its message goes to stderr), or 130 after an interruption.
    """
    arguments = _parse_arguments(argv)
    try:
        _check_output(arguments.output)
        with warnings.catch_warnings():
            warnings.simplefilter("always", UserWarning)
            warnings.showwarning = _show_warning
            document = _predict_files(arguments)
        if arguments.output:
            documents.write_document(arguments.output, document)
        else:
            print(json.dumps(document, allow_nan=False))
    except (errors.ServingError, ValueError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    return 0


def _parse_arguments(argv):
    parser = _make_parser()
    arguments = parser.parse_args(argv)
    if arguments.version is not None and arguments.version < 0:
        parser.error(f"--version: expected 0 or more, received {arguments.version}")
    if not arguments.timeout_s > 0:
        parser.error(f"--timeout_s: expected more than 0, received {arguments.timeout_s}")
    if arguments.batch_size < 1:
        parser.error(f"--batch_size: expected 1 or more, received {arguments.batch_size}")
    if arguments.clip_margin < 0:
        parser.error(f"--clip_margin: expected 0 or more, received {arguments.clip_margin}")
    if arguments.clip_frames <= 2 * arguments.clip_margin:
        parser.error(
            f"--clip_frames: expected more than twice --clip_margin={arguments.clip_margin}, received "
            f"{arguments.clip_frames}"
        )
    if arguments.key_file and not os.path.isfile(arguments.key_file):
        parser.error(f"--key_file: expected a file, received {arguments.key_file!r}")
    for path in arguments.files:
        if not os.path.isfile(path):
            parser.error(f"expected pictures and videos, received {path!r}, which is no file")
    return arguments


def _make_parser():
    parser = argparse.ArgumentParser(
        prog="python -m serving.client",
        description="Finds the joints in images and videos with a model server. Images that EXIF turns and videos that "
        "players turn are sent upright: positions are in px of the upright image. A frame of a video that cannot be "
        "decoded keeps its row, with decoded: false.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help="images (JPEG, PNG, BMP, GIF, TIFF, WebP) or videos")
    add("--url", default="http://localhost:8501", help="address of the REST API (default: %(default)s)")
    add("--model", default="pose", help="name of the served model (default: %(default)s)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--version", type=int, help="version of the model (default: the latest)")
    which.add_argument("--label", help="version label, such as stable")
    add("--grpc", metavar="HOST:PORT", help="send predictions over gRPC (needs TensorFlow)")
    add(
        "--key_file",
        metavar="FILE",
        help="file with the key that a proxy in front of the REST API asks for; without it, such a proxy answers 401",
    )
    add("--signature", help="signature for images; it must take image_bytes (default: serving_default)")
    add("--output", metavar="FILE", help="file to write the JSON to (default: stdout)")
    add("--timeout_s", type=float, default=60.0, help="longest wait for an answer in s (default: %(default)s)")
    add("--batch_size", type=int, default=16, help="images per request (default: %(default)s)")
    add("--clip_frames", type=int, default=32, help="frames of a video per request (default: %(default)s)")
    add(
        "--clip_margin",
        type=int,
        default=8,
        help="frames dropped at each inner end of a clip; at least as many as the model looks away from a frame "
        "(default: %(default)s)",
    )
    return parser


def _show_warning(message, category, filename, lineno, file=None, line=None):
    del category, filename, lineno, file, line
    print(f"warning: {message}", file=sys.stderr)


def _check_output(path):
    folder = os.path.dirname(path or "") or "."
    if not os.path.isdir(folder):  # fail before the work, not after it
        raise FileNotFoundError(f"--output={path}: the folder {folder} does not exist")


def _predict_files(arguments):
    # Look at every file before the first request, so that a wrong one fails early. None stays open.
    kinds = {path: pictures.is_picture(path) for path in arguments.files}
    images = [path for path in arguments.files if kinds[path]]
    videos = [path for path in arguments.files if not kinds[path]]
    for path in videos:
        media.check_video(path)
    signature = arguments.signature or pose_client.DEFAULT_SIGNATURE
    with pose_client.PoseClient(
        arguments.url,
        arguments.model,
        arguments.version,
        arguments.label,
        arguments.timeout_s,
        arguments.grpc,
        arguments.batch_size,
        _read_key(arguments.key_file),
    ) as client:
        document = {"model": arguments.model, "skeleton": client.skeleton(), "images": [], "videos": []}
        rows = documents.describe_rows(client.predict_images(images, signature)) if images else []
        document["images"] = [{"file": path, **row} for path, row in zip(images, rows)]
        seconds = _window_seconds(client) if videos else 0.0
        for path in videos:
            video = media.VideoJpegs(path)
            rows = _predict_video(client, video, arguments.clip_frames, arguments.clip_margin, seconds)
            document["videos"].append({"file": path, "fps": video.fps, "frames": rows})
    for image in document["images"]:
        if not any(image["valid"]):
            print(f"{image['file']}: no valid joint; is the file a readable image?", file=sys.stderr)
    return document


def _read_key(path):
    if path is None:
        return None
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def _window_seconds(client):
    """The reach of the model's window in s, if it follows from the frame rate; otherwise 0."""
    try:
        card = client.model_card()
    except errors.ServingError:  # a model without a card
        return 0.0
    if pose_client.AT_RATE not in card.get("signatures", ()):
        return 0.0
    return float(card["training"]["window_seconds"])


def _predict_video(client, video, length, margin, seconds):
    rows = []
    rate = None
    if seconds:
        rate = video.fps
        margin = max(margin, math.ceil(seconds * rate) + 1)
        length = max(length, 4 * margin)
    for clip, first, last in media.overlapping_clips(video, length, margin):
        decoded = [frame != media.MISSING for frame in clip]
        poses = client.predict_clip(clip, frame_rate=rate) if any(decoded) else client.no_poses(len(clip))
        rows += documents.describe_frames(poses, decoded)[first:last]
    return [{"time_s": time_s, **row} for time_s, row in zip(video.times_s, rows)]


if __name__ == "__main__":
    sys.exit(main())
