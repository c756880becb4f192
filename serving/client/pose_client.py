"""A client for a served pose model: images or clips in, joints in pixels out."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from serving.client import errors, pictures, rest
from serving.client.pictures import Image

if TYPE_CHECKING:
    from serving.client import grpc_transport

DEFAULT_SIGNATURE = "serving_default"
AT_RATE = "predict_clip_at_rate"  # of exports whose window is given in seconds


class Poses(NamedTuple):
    """Joints of N images or frames.

    Attributes:
      keypoints: float32 [N, J, 2], (x, y) in px of the upright image, pixel centres at integers.
      scores: float32 [N, J], 0 to 1.
      valid: bool [N, J], false if the joint was not found or the image could not be decoded.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    valid: np.ndarray


class PoseClient:
    """Sends images to a server with an export of this project: TensorFlow Serving or `serving.local_server`.

    Several threads can use one client at the same time.

    Args:
      url: address of the REST API, such as "http://localhost:8501".
      model: name of the served model.
      version: version number, or None for the latest.
      label: version label, such as "stable", or None. Cannot be combined with `version`.
      timeout_s: longest wait for an answer in s.
      grpc: address such as "localhost:8500" to send predictions over gRPC (needs tensorflow-serving-api). Status and
        metadata still use REST. None: REST for everything.
      batch_size: images per request.
      key: what a proxy in front of the REST API asks for, sent as `Authorization: Bearer <key>`. None: no key.

    Raises:
      ValueError: if an argument is invalid.
    """

    def __init__(
        self,
        url: str,
        model: str = "pose",
        version: int | None = None,
        label: str | None = None,
        timeout_s: float = 60.0,
        grpc: str | None = None,
        batch_size: int = 16,
        key: str | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size: expected at least 1, received {batch_size}")
        self._rest = rest.RestTransport(url, model, version, label, timeout_s, key=key)
        self._predictor: rest.RestTransport | grpc_transport.GrpcTransport = self._rest
        self._batch_size = batch_size
        self._skeleton: dict[str, Any] | None = None
        if grpc is not None:
            from serving.client import grpc_transport  # imports TensorFlow, which REST does not need

            self._predictor = grpc_transport.GrpcTransport(grpc, model, version, label, timeout_s)

    def __enter__(self) -> PoseClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._predictor.close()
        self._rest.close()

    def predict_images(self, images: Sequence[Image], signature: str = DEFAULT_SIGNATURE) -> Poses:
        """Finds the joints in images of any sizes.

        Args:
          images: N picture files, each as bytes or as a path; N may be 0. Pictures that EXIF turns are sent upright,
            16 bits that are not all used are scaled, and other formats than JPEG and PNG are converted.
          signature: name of a signature that takes `image_bytes`.

        Returns:
          `Poses` of N images. If an image cannot be decoded, its keypoints and scores are 0 and its valid is false.

        Raises:
          OSError: if a file cannot be read.
          TypeError: for anything but a sequence of bytes and paths.
          ServingError: if the server does not answer, or returns an error.
        """
        images = pictures.check_sequence("images", images)
        answers = []
        for start in range(0, len(images), self._batch_size):
            batch = [pictures.encode_or_warn(image) for image in images[start : start + self._batch_size]]
            answers.append(self._predict(signature, {"image_bytes": batch}, (len(batch),)))
        return join_poses(answers) if answers else self.no_poses()

    def predict_frames(self, frames: np.ndarray, signature: str = "predict_frames") -> Poses:
        """Finds the joints in decoded frames of one size.

        Args:
          frames: uint8 [N, H, W, 3], RGB; N may be 0.
          signature: name of a signature that takes `frames`.

        Returns:
          `Poses` of N frames.

        Raises:
          ValueError: if `frames` has another type or shape.
          ServingError: if the server does not answer, or returns an error.
        """
        if isinstance(frames, (list, tuple)) and not frames:
            return self.no_poses()
        frames = np.asarray(frames)
        if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
            hint = "; a single frame needs an axis in front: frame[None]" if frames.ndim == 3 else ""
            raise ValueError(f"frames: expected uint8 [N, H, W, 3], received {frames.dtype} {list(frames.shape)}{hint}")
        if not len(frames):
            return self.no_poses()
        return self._predict(signature, {"frames": frames}, (len(frames),))

    def predict_clip(self, frames: Sequence[Image], signature: str = "", frame_rate: float | None = None) -> Poses:
        """Finds the joints in the frames of one clip. A model with a window uses the neighbours of each frame.

        Args:
          frames: T picture files in order, each as bytes or as a path, as `predict_images` takes them; T may be 0. b""
            stands for a missing frame.
          signature: name of a signature that takes `frames_bytes` (and `frame_rate` if there is one). Empty:
            "predict_clip", or "predict_clip_at_rate" if there is a rate.
          frame_rate: frames per second, for a model whose window is given in seconds; 0: unknown. None: not sent.

        Returns:
          `Poses` of T frames; of one that is missing or cannot be decoded, keypoints and scores are 0, valid is false.

        Raises:
          OSError: if a file cannot be read.
          TypeError: for anything but a sequence of bytes and paths.
          ValueError: for a frame rate below 0.
          ServingError: if the server does not answer, or returns an error.
        """
        if frame_rate is not None and not 0 <= frame_rate < math.inf:
            raise ValueError(f"frame_rate: expected frames per second, or 0 if unknown, received {frame_rate}")
        contents = [pictures.encode_or_warn(frame) for frame in pictures.check_sequence("frames", frames)]
        if not contents:
            return self.no_poses()
        inputs: dict[str, Any] = {"frames_bytes": [contents]}
        if frame_rate is not None:
            inputs["frame_rate"] = np.array([frame_rate], np.float32)
        name = signature or ("predict_clip" if frame_rate is None else AT_RATE)
        poses = self._predict(name, inputs, (1, len(contents)))
        return Poses(*(array[0] for array in poses))

    def skeleton(self) -> dict[str, Any]:
        """Returns the export's skeleton: name, joints, flip_pairs, edges, colors. It is requested once and kept."""
        if self._skeleton is None:
            found = self._describe("skeleton")
            if not isinstance(found.get("joints"), list):
                raise errors.ServingError(f"describe: expected a skeleton with a list of joints, received {found!r}")
            self._skeleton = found
        return self._skeleton

    def model_card(self) -> dict[str, Any]:
        """Returns the export's model card."""
        return self._describe("model_card")

    def status(self) -> dict[str, Any]:
        """Returns the versions and their states: {"model_version_status": [{"version", "state", "status"}]}."""
        return self._rest.status()

    def metadata(self) -> dict[str, Any]:
        """Returns the signatures with their inputs and outputs: {"model_spec", "metadata"}."""
        return self._rest.metadata()

    def no_poses(self, count: int = 0) -> Poses:
        """Returns `Poses` of images in which nothing was found."""
        joints = len(self.skeleton()["joints"])
        return Poses(
            np.zeros((count, joints, 2), np.float32),
            np.zeros((count, joints), np.float32),
            np.zeros((count, joints), bool),
        )

    def _describe(self, topic):
        outputs = list(self._predictor.predict("describe", {"topic": [topic]}).values())
        texts = np.ravel(np.asarray(outputs[0], object)).tolist() if len(outputs) == 1 else []
        text = texts[0] if len(texts) == 1 else outputs
        text = text.decode(errors="replace") if isinstance(text, bytes) else text
        try:
            content = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise errors.ServingError(f"describe: expected JSON about {topic!r}, received {rest.shorten(repr(text))}")
        return content

    def _predict(self, signature, inputs, leading):
        outputs = self._predictor.predict(signature, inputs)
        missing = [name for name in Poses._fields if name not in outputs]
        if missing:
            raise errors.ServingError(
                f"signature {signature!r}: expected outputs {', '.join(Poses._fields)}, missing {', '.join(missing)}"
            )
        poses = Poses(*(np.asarray(outputs[name]) for name in Poses._fields))
        _check_poses(poses, leading, f"signature {signature!r}")
        with np.errstate(over="ignore"):
            found = Poses(poses.keypoints.astype(np.float32), poses.scores.astype(np.float32), poses.valid)
        if not (np.isfinite(found.keypoints).all() and np.isfinite(found.scores).all()):
            raise errors.ServingError(f"signature {signature!r}: expected finite keypoints and scores, received others")
        return found


def _check_poses(poses, leading, place):
    """Checks the types and shapes of an answer: [*leading, J, 2], [*leading, J] and [*leading, J]."""
    for name, array in zip(Poses._fields, poses):
        if array.shape[: len(leading)] != leading:
            raise errors.ServingError(
                f"{place}: expected {name} of {list(leading)} images, received {list(array.shape)}"
            )
    rows = (*leading, *poses.scores.shape[len(leading) : len(leading) + 1])
    kinds = [array.dtype.kind in allowed for array, allowed in zip(poses, ("fiu", "fiu", "b"))]
    if len(rows) == len(leading) or not all(kinds) or [a.shape for a in poses] != [(*rows, 2), rows, rows]:
        before = "".join(f"{count}, " for count in leading)
        received = ", ".join(f"{name} {array.dtype} {list(array.shape)}" for name, array in zip(Poses._fields, poses))
        raise errors.ServingError(
            f"{place}: expected keypoints as numbers [{before}J, 2], scores as numbers [{before}J] and valid as truth "
            f"values [{before}J], received {received}"
        )


def join_poses(parts: Sequence[Poses]) -> Poses:
    """Concatenates `Poses` along the images."""
    return Poses(*(np.concatenate(arrays) for arrays in zip(*parts)))
