"""One loaded version of a model: runs its signatures and describes them."""

from __future__ import annotations

import inspect
import os
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf import saved_model_pb2

from serving.local_server.errors import ServingError, invalid_argument

DEFAULT_SIGNATURE = "serving_default"


class Signature(NamedTuple):
    """A signature.

    Attributes:
      function: the callable, a ConcreteFunction of TensorFlow.
      dtypes: maps input names to NumPy types.
      shapes: maps input names to shapes.
      has_rows: whether the first axis of all inputs and outputs has any length, so that requests can be merged.
    """

    function: Any
    dtypes: dict[str, np.dtype]
    shapes: dict[str, tf.TensorShape]
    has_rows: bool


class Servable:
    """A SavedModel in memory.

    Args:
      path: the version's folder.
      version: its number.

    Raises:
      OSError, ValueError, tf.errors.OpError: from TensorFlow, if it cannot load the SavedModel.
      ServingError: NOT_FOUND if the SavedModel has no graph for serving.
    """

    def __init__(self, path: str, version: int) -> None:
        self.path = path
        self.version = version
        self._definitions = _read_signature_definitions(path)
        self._model = _load(path)  # must be kept: the signatures hold its variables weakly
        self.signatures = {name: _signature(function) for name, function in self._model.signatures.items()}

    def signature(self, name: str) -> Signature:
        """Returns a signature by name; "" stands for the default one.

        Raises:
          ServingError: INVALID_ARGUMENT if the model has no such signature.
        """
        name = name or DEFAULT_SIGNATURE
        if name not in self.signatures:
            raise invalid_argument(f'Serving signature name: "{name}" not found in signature def')
        return self.signatures[name]

    def check(self, name: str, inputs: Mapping[str, np.ndarray]) -> None:
        """Checks the names, types and shapes of inputs against a signature.

        Raises:
          ServingError: INVALID_ARGUMENT if they do not match.
        """
        self.check_names(name, inputs.keys())
        signature = self.signature(name)
        for key, array in inputs.items():
            if array.dtype != signature.dtypes[key]:
                raise invalid_argument(f"input {key}: expected type {signature.dtypes[key]}, got {array.dtype}")
            if not signature.shapes[key].is_compatible_with(array.shape):
                raise invalid_argument(f"input {key}: expected shape {signature.shapes[key]}, got {list(array.shape)}")

    def check_names(self, name: str, received: Iterable[str]) -> None:
        """Checks the names of inputs against a signature.

        Raises:
          ServingError: INVALID_ARGUMENT if names are missing or unknown.
        """
        names = set(received)
        expected = self.signature(name).dtypes.keys()
        if names != expected:
            raise invalid_argument(
                f"input size does not match signature: {len(names)}!={len(expected)}. "
                f"Sent extra: {{{','.join(sorted(names - expected))}}}. "
                f"Missing but required: {{{','.join(sorted(expected - names))}}}."
            )

    def run(self, name: str, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs a signature.

        Args:
          name: the signature; "" stands for the default one.
          inputs: maps input names to arrays that `check` accepts; strings are object arrays of bytes.

        Returns:
          Maps output names to arrays.

        Raises:
          tf.errors.OpError: from the model.
        """
        signature = self.signature(name)
        tensors = {key: tf.constant(array, tf.as_dtype(signature.dtypes[key])) for key, array in inputs.items()}
        return {key: np.asarray(tensor.numpy()) for key, tensor in signature.function(**tensors).items()}

    def metadata(self) -> dict[str, dict[str, Any]]:
        """Maps signature names to the JSON form of their SignatureDefs."""
        return {name: _as_json(definition) for name, definition in sorted(self._definitions.items())}

    def definitions(self) -> dict[str, Any]:
        """Maps signature names to their SignatureDefs."""
        return dict(self._definitions)


def set_intra_op_threads(count: int) -> None:
    """Sets the number of threads of an operation (0: TensorFlow's choice). Call it before the first model is loaded."""
    tf.config.threading.set_intra_op_parallelism_threads(count)


def _load(path):
    """Loads a SavedModel. TensorFlow reads the path as a pattern; a link stands for one with characters of patterns."""
    if not set("[]*?\\") & set(path):
        return tf.saved_model.load(path)
    with tempfile.TemporaryDirectory() as links:
        link = os.path.join(links, "saved_model")
        os.symlink(os.path.abspath(path), link, target_is_directory=True)
        return tf.saved_model.load(link)


def _signature(function):
    specs = function.structured_input_signature[1]
    dtypes = {
        name: np.dtype(object) if spec.dtype == tf.string else np.dtype(spec.dtype.as_numpy_dtype)
        for name, spec in specs.items()
    }
    shapes = {name: spec.shape for name, spec in specs.items()}
    outputs = function.structured_outputs
    every_shape = [*shapes.values(), *(tensor.shape for tensor in outputs.values())]
    has_rows = bool(shapes) and all(shape.rank and shape[0] is None for shape in every_shape)
    return Signature(function, dtypes, shapes, has_rows)


def _read_signature_definitions(path):
    file = os.path.join(path, "saved_model.pb")
    with open(file, "rb") as stream:
        saved_model = saved_model_pb2.SavedModel.FromString(stream.read())
    for graph in saved_model.meta_graphs:
        if "serve" in graph.meta_info_def.tags:
            definitions = {}
            for name, definition in graph.signature_def.items():
                definitions[name] = type(definition)()
                definitions[name].CopyFrom(definition)
            return definitions
    raise ServingError("NOT_FOUND", f"{file}: expected a graph with the tag 'serve'")


# The option that writes fields with default values as well. It was renamed in protobuf 5.
_ALL_FIELDS = next(
    name
    for name in ("always_print_fields_with_no_presence", "including_default_value_fields")
    if name in inspect.signature(json_format.MessageToDict).parameters
)


def _as_json(message):
    return json_format.MessageToDict(message, preserving_proto_field_name=True, **{_ALL_FIELDS: True})
