"""Tensors in messages of the gRPC API: read within a limit, written as TensorFlow Serving writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from serving.local_server.errors import invalid_argument

# The field of a TensorProto that holds the values of a type, one by one.
_FIELDS = {
    **{"float32": "float_val", "float64": "double_val", "bool": "bool_val", "object": "string_val"},
    **dict.fromkeys(("int32", "int16", "int8", "uint16", "uint8"), "int_val"),
    **{"int64": "int64_val", "uint32": "uint32_val", "uint64": "uint64_val"},
}


def tensor_proto(array: np.ndarray) -> Any:
    """Returns an array as a TensorProto. As from TensorFlow Serving, each value has a place in the field of its type.

    Args:
      array: any shape; object arrays hold bytes. Types without such a field (half, complex64, …) are written as bytes.
    """
    field = _FIELDS.get(array.dtype.name)
    if field is None:
        return tf.make_tensor_proto(array)
    dtype = tf.string if array.dtype == object else tf.as_dtype(array.dtype)
    proto = tf.make_tensor_proto(np.empty((0,), dtype.as_numpy_dtype), dtype)
    proto.ClearField("tensor_shape")
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    getattr(proto, field).extend(array.ravel().tolist())
    return proto


def arrays_from_protos(protos: Mapping[str, Any], max_bytes: int) -> dict[str, np.ndarray]:
    """Converts TensorProtos to arrays.

    Args:
      protos: maps input names to TensorProtos.
      max_bytes: largest size of all arrays in memory.

    Raises:
      ServingError: INVALID_ARGUMENT if they are larger, or a proto is not a tensor.
    """
    # A short message can hold one value for a huge shape, so check the size of the arrays first.
    size = sum(_size_bytes(name, proto) for name, proto in protos.items())
    if size > max_bytes:
        raise invalid_argument(
            f"input {', '.join(sorted(protos))}: expected at most {max_bytes} bytes, received a shape that takes {size}"
        )
    return {name: _array(name, proto) for name, proto in protos.items()}


def _size_bytes(name, proto):
    shape = [dim.size for dim in proto.tensor_shape.dim]
    if min(shape, default=0) < 0:
        raise invalid_argument(f"input {name}: not a tensor: expected sizes of at least 0, received {shape}")
    try:
        return math.prod(shape) * (tf.as_dtype(proto.dtype).size or np.dtype(object).itemsize)
    except TypeError as error:
        raise invalid_argument(f"input {name}: not a tensor: {error}") from error


def _array(name, proto):
    try:
        array = tf.make_ndarray(proto)
    except (TypeError, ValueError, KeyError) as error:
        raise invalid_argument(f"input {name}: not a tensor: {error}") from error
    return array if array.dtype.kind != "S" else np.array(array.tolist(), dtype=object)
