"""A client of a served pose model: images and clips in, joints in pixels out."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

import numpy as np

from serving.client import errors, rest

DEFAULT_SIGNATURE = "serving_default"


class Poses(NamedTuple):
    """Joints of N images or frames.

    Attributes:
      keypoints: float32 [N, J, 2], (x, y) in px of the image, pixel centres at integers.
      scores: float32 [N, J], 0 to 1.
      valid: bool [N, J]; false where the joint was not found, or the image could not be decoded.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    valid: np.ndarray


class PoseClient:
    """Asks a server of this project's exports: TensorFlow Serving or `serving.local_server`.

    Usable from several threads at once.

    Args:
      url: str, where the REST API is, such as "http://localhost:8501".
      model: str, the name the model is served under.
      version: int, or None for the latest.
      label: str such as "stable", or None. Not together with `version`.
      timeout_s: float, longest wait for an answer.
      grpc: str such as "localhost:8500", to send predictions over gRPC (needs tensorflow-serving-api); status and
        metadata stay with REST. None: all over REST.
      batch_size: int, images in one request.

    Raises:
      ValueError: for arguments that cannot be meant.
    """

    def __init__(self, url, model="pose", version=None, label=None, timeout_s=60.0, grpc=None, batch_size=16):
        if batch_size < 1:
            raise ValueError(f"batch_size: expected at least 1, received {batch_size}")
        self._rest = rest.RestTransport(url, model, version, label, timeout_s)
        self._predictor = self._rest
        self._batch_size = batch_size
        self._skeleton = None
        if grpc is not None:
            from serving.client import grpc_transport  # brings TensorFlow, which REST does not need

            self._predictor = grpc_transport.GrpcTransport(grpc, model, version, label, timeout_s)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Closes the connections."""
        self._predictor.close()
        self._rest.close()

    def predict_images(self, images, signature=DEFAULT_SIGNATURE) -> Poses:
        """Finds the joints of images, of any sizes.

        Args:
          images: list of N JPEG or PNG files: bytes each, or paths.
          signature: str, one that takes `image_bytes`.

        Returns:
          `Poses` of N images. One that cannot be decoded has keypoints 0, scores 0, valid false.

        Raises:
          OSError: where a file cannot be read.
          ServingError: where the server does not answer, or with an error.
        """
        images = [_read(image) for image in images]
        batches = [images[i : i + self._batch_size] for i in range(0, len(images), self._batch_size)]
        answers = [self._predict(signature, {"image_bytes": batch}, (len(batch),)) for batch in batches]
        return join_poses(answers) if answers else self._no_poses()

    def predict_frames(self, frames, signature="predict_frames") -> Poses:
        """Finds the joints of frames of one size that are pixels already.

        Args:
          frames: uint8 [N, H, W, 3], RGB.
          signature: str, one that takes `frames`.

        Returns:
          `Poses` of N frames.

        Raises:
          ServingError: where the server does not answer, or with an error.
        """
        frames = np.asarray(frames)
        if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
            raise ValueError(f"frames: expected uint8 [N, H, W, 3], received {frames.dtype} {list(frames.shape)}")
        return self._predict(signature, {"frames": frames}, (len(frames),))

    def predict_clip(self, frames, signature="predict_clip") -> Poses:
        """Finds the joints of the frames of one clip; a model that looks at several frames uses the neighbours.

        Args:
          frames: list of T JPEG or PNG files in order: bytes each, or paths. b"" is a frame that is not there.
          signature: str, one that takes `frames_bytes`.

        Returns:
          `Poses` of T frames.

        Raises:
          OSError: where a file cannot be read.
          ServingError: where the server does not answer, or with an error.
        """
        frames = [_read(frame) for frame in frames]
        if not frames:
            return self._no_poses()
        poses = self._predict(signature, {"frames_bytes": [frames]}, (1, len(frames)))
        return Poses(*(array[0] for array in poses))

    def skeleton(self) -> dict:
        """Returns the skeleton that the export holds: name, joints, flip_pairs, edges, colors. Asked for once."""
        if self._skeleton is None:
            self._skeleton = self._describe("skeleton")
        return self._skeleton

    def model_card(self) -> dict:
        """Returns the export's description of itself."""
        return self._describe("model_card")

    def status(self) -> dict:
        """Returns the versions and their states: {"model_version_status": [{"version", "state", "status"}]}."""
        return self._rest.status()

    def metadata(self) -> dict:
        """Returns the signatures with their inputs and outputs: {"model_spec", "metadata"}."""
        return self._rest.metadata()

    def _describe(self, topic):
        (texts,) = self._predictor.predict("describe", {"topic": [topic]}).values()
        text = texts[0].decode() if isinstance(texts[0], bytes) else texts[0]
        try:
            return json.loads(text)
        except ValueError as error:
            raise errors.ServingError(f"describe: expected JSON about {topic!r}, received {text!r}") from error

    def _predict(self, signature, inputs, leading):
        outputs = self._predictor.predict(signature, inputs)
        missing = [name for name in Poses._fields if name not in outputs]
        if missing:
            raise errors.ServingError(
                f"signature {signature!r}: expected outputs {', '.join(Poses._fields)}, missing {', '.join(missing)}"
            )
        poses = Poses(*(np.asarray(outputs[name]) for name in Poses._fields))
        for name, array in zip(Poses._fields, poses):
            if array.shape[: len(leading)] != leading:
                raise errors.ServingError(
                    f"signature {signature!r}: expected {name} of {list(leading)} images, received {list(array.shape)}"
                )
        return Poses(poses.keypoints.astype(np.float32), poses.scores.astype(np.float32), poses.valid.astype(bool))

    def _no_poses(self):
        joints = len(self.skeleton()["joints"])
        return Poses(
            np.zeros((0, joints, 2), np.float32), np.zeros((0, joints), np.float32), np.zeros((0, joints), bool)
        )


def join_poses(parts) -> Poses:
    """Joins `Poses` in their order along the images."""
    return Poses(*(np.concatenate(arrays) for arrays in zip(*parts)))


def _read(image) -> bytes:
    if isinstance(image, (bytes, bytearray)):
        return bytes(image)
    with open(os.fspath(image), "rb") as file:
        return file.read()
