"""Tensors in messages of the gRPC API."""

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
from serving.local_server.errors import ServingError  # noqa: E402
from serving.local_server.grpc_tensors import arrays_from_protos, tensor_proto  # noqa: E402

TYPES = (
    "float32",
    "float64",
    "float16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(), (2, 3), (0, 4)])
def test_arrays_survive_the_way_there_and_back(dtype, shape):
    array = np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)
    proto = tensor_proto(array)
    np.testing.assert_array_equal(tf.make_ndarray(proto), array, strict=True)
    np.testing.assert_array_equal(arrays_from_protos({"x": proto}, 1000)["x"], array, strict=True)
    assert not proto.tensor_content or dtype == "float16"


def test_strings_survive_the_way_there_and_back():
    array = np.array([[b"a\xff", b""]], object)
    assert arrays_from_protos({"x": tensor_proto(array)}, 1000)["x"].tolist() == array.tolist()


def test_a_shape_that_takes_too_much_memory_is_refused_before_it_is_made():
    proto = tf.make_tensor_proto(1.0, shape=[10**6, 10**6])
    with pytest.raises(ServingError, match="expected at most 1000 bytes, received a shape that takes 4000000000000"):
        arrays_from_protos({"x": proto}, 1000)


def test_what_is_not_a_tensor_is_refused():
    negative = tf.make_tensor_proto(1.0)
    negative.tensor_shape.dim.add(size=-1)
    wrong_type = tf.make_tensor_proto(1.0)
    wrong_type.dtype = 99
    for proto in (negative, wrong_type):
        with pytest.raises(ServingError, match="input x: not a tensor"):
            arrays_from_protos({"x": proto}, 1000)
