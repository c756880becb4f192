"""One loaded version of a model: runs its signatures and describes them.

As in TensorFlow Serving, the graph decides which shapes it accepts, not the shapes that a signature declares.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from serving.local_server.errors import invalid_argument
from serving.local_server.signature_defs import def_as_json, read_signature_defs

DEFAULT_SIGNATURE = "serving_default"


class Signature(NamedTuple):
    """A signature.

    Attributes:
      function: the callable, a ConcreteFunction of TensorFlow that takes inputs of any shape.
      outputs: names of its outputs.
      dtypes: maps input names to NumPy types.
      shapes: maps input names to the declared shapes.
      has_rows: whether the first axis of all inputs and outputs has any length, so that requests can be merged.
    """

    function: Any
    outputs: tuple[str, ...]
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
        self._definitions = read_signature_defs(path)
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
        """Checks the names and types of inputs against a signature.

        Raises:
          ServingError: INVALID_ARGUMENT if they do not match.
        """
        self.check_names(name, inputs.keys())
        signature = self.signature(name)
        for key, array in inputs.items():
            if array.dtype != signature.dtypes[key]:
                raise invalid_argument(f"input {key}: expected type {signature.dtypes[key]}, got {array.dtype}")

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
        return {key: _to_array(tensor) for key, tensor in signature.function(**tensors).items()}

    def definition(self, name: str) -> Any:
        """Returns the SignatureDef of a signature; "" stands for the default one.

        Raises:
          ServingError: INVALID_ARGUMENT if the model has no such signature.
        """
        name = name or DEFAULT_SIGNATURE
        if name not in self._definitions:
            raise invalid_argument(f"No signature was found with the name: {name}")
        return self._definitions[name]

    def metadata(self) -> dict[str, dict[str, Any]]:
        """Maps signature names to the JSON form of their SignatureDefs."""
        return {name: def_as_json(definition) for name, definition in sorted(self._definitions.items())}

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
    outputs = function.structured_outputs or {}
    every_shape = [*shapes.values(), *(tensor.shape for tensor in outputs.values())]
    has_rows = bool(shapes) and all(shape.rank and shape[0] is None for shape in every_shape)
    return Signature(_accept_any_shape(function), tuple(outputs), dtypes, shapes, has_rows)


def _accept_any_shape(function):
    """Wraps a signature: calling it directly refuses shapes that differ from the declared ones."""
    declared = function.structured_input_signature[1]
    specs = {name: tf.TensorSpec(None, spec.dtype, name=name) for name, spec in declared.items()}
    return tf.function(lambda **inputs: function(**inputs), autograph=False).get_concrete_function(**specs)


def _to_array(tensor):
    if tensor.dtype != tf.string:
        return np.asarray(tensor.numpy())
    array = np.empty(tensor.shape, object)  # a string alone would become an array of characters
    array[...] = tensor.numpy()
    return array
