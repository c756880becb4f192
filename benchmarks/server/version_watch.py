"""Checks versions of a model: each must have the files of the first one, return the same answers, and not change."""

from __future__ import annotations

import hashlib
import pathlib

import numpy as np
import tensorflow as tf

from keras_pose.inference import saved_models

_TOLERANCE_PX = 1e-3


class VersionWatch:
    """Compares versions with the first one, which counts as complete. It loads each once and hashes it every time.

    Args:
      model_dir: folder of the versions; it holds one version.
      image: a JPEG that every version must predict.
    """

    def __init__(self, model_dir: pathlib.Path, image: bytes) -> None:
        self._model_dir = model_dir
        self._image = image
        (first,) = self.versions()
        self._files = _list_files(model_dir / str(first))
        self._answer = self._ask(first)
        self._digests = {first: _digest(model_dir / str(first))}

    def versions(self) -> list[int]:
        """Returns the numbers of the visible versions, rising."""
        return sorted(int(path.name) for path in self._model_dir.iterdir() if path.name.isdigit())

    def find_faults(self) -> list[str]:
        """Returns a description of each visible name that is no version, and of each version that is not complete."""
        names = [path.name for path in self._model_dir.iterdir()]
        faults = [f"{name} is visible" for name in names if not name.isdigit() and not name.startswith(".")]
        for version in self.versions():
            fault = self._find_fault(version)
            if fault:
                faults.append(f"version {version}: {fault}")
        return faults

    def _find_fault(self, version):
        folder = self._model_dir / str(version)
        if version in self._digests:
            return None if _digest(folder) == self._digests[version] else "its files have changed"
        self._digests[version] = _digest(folder)
        other = _list_files(folder) ^ self._files
        if other:
            return f"missing, or not in the first version: {', '.join(sorted(other))}"
        try:
            answer = self._ask(version)
        except Exception as error:  # noqa: BLE001  TensorFlow raises many kinds of error for half a model
            return f"cannot be loaded or predict: {error!r}"
        same = all(np.allclose(answer[name], self._answer[name], atol=_TOLERANCE_PX) for name in self._answer)
        return None if same else "its answers differ from the first version's"

    def _ask(self, version):
        call = saved_models.load(self._model_dir / str(version)).signatures["serving_default"]
        return {name: value.numpy() for name, value in call(image_bytes=tf.constant([self._image])).items()}


def _list_files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _digest(folder):
    whole = hashlib.sha256()
    for name in sorted(_list_files(folder)):
        whole.update(f"{name}\0{hashlib.sha256((folder / name).read_bytes()).hexdigest()}".encode())
    return whole.hexdigest()
