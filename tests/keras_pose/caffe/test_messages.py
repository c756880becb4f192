"""The messages have Caffe's field numbers: bytes written by hand are read."""

import struct

import pytest

from keras_pose.caffe import messages


def field(number, data):
    """A length-delimited field, as the wire format has it."""
    key = number << 3 | 2
    varint = bytes([key]) if key < 128 else bytes([key & 127 | 128, key >> 7])
    return varint + bytes([len(data)]) + data


@pytest.mark.parametrize(
    ("layers", "name", "blobs", "kind"),
    [
        (2, 4, 6, b"\x28\x04"),  # V1LayerParameter: type is field 5, CONVOLUTION is 4
        (100, 1, 7, field(2, b"Convolution")),
    ],
)
def test_fields_are_at_caffes_numbers(layers, name, blobs, kind):
    blob = field(5, struct.pack("<2f", 1.5, -2.0)) + field(7, field(1, b"\x02"))
    layer = field(name, b"conv1") + kind + field(blobs, blob)
    net = messages.message_class("NetParameter").FromString(field(1, b"a net") + field(layers, layer))
    assert net.name == "a net"
    [read] = [*net.layers, *net.layer]
    assert read.name == "conv1"
    assert read.type in (4, "Convolution")
    assert list(read.blobs[0].data) == [1.5, -2.0]
    assert list(read.blobs[0].shape.dim) == [2]


def test_types_of_the_old_form_have_caffes_numbers():
    types = messages.message_class("V1LayerParameter").DESCRIPTOR.fields_by_name["type"].enum_type.values_by_number
    found = {types[number].name for number in (3, 4, 15, 17, 18, 22)}
    assert found == {"CONCAT", "CONVOLUTION", "LRN", "POOLING", "RELU", "SPLIT"}
    assert (types[39].name, len(types)) == ("DECONVOLUTION", 40)
