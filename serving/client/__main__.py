"""Asks a server for the joints in images and videos.

python -m serving.client --url=http://localhost:8501 --model=pose --output=poses.json left.jpg right.png talk.mp4
"""

from __future__ import annotations

import argparse
import json
import os
import sys

from serving.client import documents, errors, media, pose_client


def main(argv=None) -> int:
    """Runs the command line; returns the exit status: 0, or 1 after an error, which goes to stderr."""
    arguments = _parse_arguments(argv)
    try:
        _check_output(arguments.output)
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
    return arguments


def _make_parser():
    parser = argparse.ArgumentParser(
        prog="python -m serving.client", description="Joints in images and videos, from a server.", allow_abbrev=False
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="JPEG, PNG or video")
    parser.add_argument("--url", default="http://localhost:8501", help="the REST API (%(default)s)")
    parser.add_argument("--model", default="pose", help="the name it is served under (%(default)s)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--version", type=int, help="a version (the latest)")
    which.add_argument("--label", help="a label, such as stable")
    parser.add_argument("--grpc", metavar="HOST:PORT", help="send predictions over gRPC (needs TensorFlow)")
    parser.add_argument("--signature", help="for images (serving_default); one that takes image_bytes")
    parser.add_argument("--output", metavar="FILE", help="where the JSON goes (stdout)")
    parser.add_argument("--timeout_s", type=float, default=60.0, help="longest wait for an answer (%(default)s)")
    parser.add_argument("--batch_size", type=int, default=16, help="images in one request (%(default)s)")
    parser.add_argument("--clip_frames", type=int, default=32, help="frames of a video in one request (%(default)s)")
    parser.add_argument(
        "--clip_margin", type=int, default=8, help="frames that clips share at each end; not below the model's reach"
    )
    return parser


def _check_output(path):
    folder = os.path.dirname(path or "") or "."
    if not os.path.isdir(folder):  # before the work, not after it
        raise FileNotFoundError(f"--output={path}: there is no folder {folder}")


def _predict_files(arguments):
    images, videos = [], []
    for path in arguments.files:
        (images if media.is_image(path) else videos).append(path)
    opened = [media.VideoFrames(path) for path in videos]  # a file that is neither ends it here
    signature = arguments.signature or pose_client.DEFAULT_SIGNATURE
    with pose_client.PoseClient(
        arguments.url,
        arguments.model,
        arguments.version,
        arguments.label,
        arguments.timeout_s,
        arguments.grpc,
        arguments.batch_size,
    ) as client:
        document = {"model": arguments.model, "skeleton": client.skeleton(), "images": [], "videos": []}
        rows = documents.describe_rows(client.predict_images(images, signature)) if images else []
        document["images"] = [{"file": path, **row} for path, row in zip(images, rows)]
        for path, video in zip(videos, opened):
            rows = _predict_video(client, video, arguments.clip_frames, arguments.clip_margin)
            document["videos"].append({"file": path, "fps": video.fps, "frames": rows})
    for image in document["images"]:
        if not any(image["valid"]):
            print(f"{image['file']}: no joint is valid; can the file be decoded?", file=sys.stderr)
    return document


def _predict_video(client, video, length, margin):
    rows = []
    for clip, first, last in media.overlapping_clips(video, length, margin):
        rows += documents.describe_rows(client.predict_clip(clip))[first:last]
    return rows


if __name__ == "__main__":
    sys.exit(main())
