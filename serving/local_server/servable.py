"""One loaded version of a model: its signatures, the calling of them, and their description."""

from __future__ import annotations

import inspect
import os
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf import saved_model_pb2

from serving.local_server.errors import ServingError, invalid

DEFAULT_SIGNATURE = "serving_default"


class Signature(NamedTuple):
    """A signature: the callable, and for each input the NumPy type and the `tf.TensorShape`."""

    function: object
    dtypes: dict
    shapes: dict
    has_rows: bool  # first axis of all inputs and outputs is free: requests can be merged


class Servable:
    """A SavedModel in memory.

    Args:
      path: str, the version's folder.
      version: int.

    Raises:
      OSError, ValueError, tf.errors.OpError: whatever TensorFlow raises for a SavedModel that it cannot load.
    """

    def __init__(self, path, version):
        self.path = path
        self.version = version
        self._definitions = _read_signature_definitions(path)
        self._model = tf.saved_model.load(path)  # kept: the signatures hold its variables weakly
        self.signatures = {name: _signature(function) for name, function in self._model.signatures.items()}

    def signature(self, name):
        """Returns the `Signature` of this name ("" is the default one).

        Raises:
          ServingError: INVALID_ARGUMENT where the model has none of this name.
        """
        name = name or DEFAULT_SIGNATURE
        if name not in self.signatures:
            raise invalid(f'Serving signature name: "{name}" not found in signature def')
        return self.signatures[name]

    def check(self, name, inputs):
        """Checks names, types and shapes of the inputs against a signature.

        Raises:
          ServingError: INVALID_ARGUMENT.
        """
        self.check_names(name, inputs.keys())
        signature = self.signature(name)
        for key, array in inputs.items():
            if array.dtype != signature.dtypes[key]:
                raise invalid(f"input {key}: expected type {signature.dtypes[key]}, got {array.dtype}")
            if not signature.shapes[key].is_compatible_with(array.shape):
                raise invalid(f"input {key}: expected shape {signature.shapes[key]}, got {list(array.shape)}")

    def check_names(self, name, received):
        """Checks the names of inputs (iterable of str) against a signature.

        Raises:
          ServingError: INVALID_ARGUMENT.
        """
        received, expected = set(received), self.signature(name).dtypes.keys()
        if received != expected:
            raise invalid(
                f"input size does not match signature: {len(received)}!={len(expected)}. "
                f"Sent extra: {{{','.join(sorted(received - expected))}}}. "
                f"Missing but required: {{{','.join(sorted(expected - received))}}}."
            )

    def run(self, name, inputs):
        """Runs a signature.

        Args:
          name: str, the signature; "" is the default one.
          inputs: dict of input name to numpy array that `check` accepts; strings as object arrays of bytes.

        Returns:
          Dict of output name to numpy array.

        Raises:
          tf.errors.OpError: from within the model.
        """
        signature = self.signature(name)
        tensors = {key: tf.constant(array, tf.as_dtype(signature.dtypes[key])) for key, array in inputs.items()}
        return {key: np.asarray(tensor.numpy()) for key, tensor in signature.function(**tensors).items()}

    def metadata(self):
        """Returns the signatures as the JSON form of TensorFlow's SignatureDefs: a dict of name to dict."""
        return {name: _as_json(definition) for name, definition in sorted(self._definitions.items())}

    def definitions(self):
        """Returns a dict of signature name to SignatureDef."""
        return dict(self._definitions)


def set_intra_op_threads(count):
    """Sets how many threads an operation may use (int; 0: TensorFlow's own choice); before the first model."""
    tf.config.threading.set_intra_op_parallelism_threads(count)


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


# The option that also writes fields at their default was renamed in protobuf 5.
_ALL_FIELDS = next(
    name
    for name in ("always_print_fields_with_no_presence", "including_default_value_fields")
    if name in inspect.signature(json_format.MessageToDict).parameters
)


def _as_json(message):
    return json_format.MessageToDict(message, preserving_proto_field_name=True, **{_ALL_FIELDS: True})
