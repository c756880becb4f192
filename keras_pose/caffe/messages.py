"""The few messages of Caffe's files that this package reads, for the protobuf runtime that comes with TensorFlow.

Field numbers are those of Caffe's published format (caffe.proto); all other fields of a file are skipped. A net lists
its layers in one of two forms: `layers` (2014 and before, the types are numbers) or `layer` (since then, text).
"""

from __future__ import annotations

import functools
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FIELD = descriptor_pb2.FieldDescriptorProto
_KINDS = {
    "float": _FIELD.TYPE_FLOAT,
    "double": _FIELD.TYPE_DOUBLE,
    "int32": _FIELD.TYPE_INT32,
    "int64": _FIELD.TYPE_INT64,
    "uint32": _FIELD.TYPE_UINT32,
    "bool": _FIELD.TYPE_BOOL,
    "string": _FIELD.TYPE_STRING,
}
_PACKAGE = "keras_pose_caffe"

# name of the field: (number, type, repeated or packed or empty)
_MESSAGES: dict[str, dict[str, tuple[int, str, str]]] = {
    "BlobShape": {"dim": (1, "int64", "packed")},
    "BlobProto": {
        "num": (1, "int32", ""),
        "channels": (2, "int32", ""),
        "height": (3, "int32", ""),
        "width": (4, "int32", ""),
        "data": (5, "float", "packed"),
        "shape": (7, "BlobShape", ""),
        "double_data": (8, "double", "packed"),
    },
    "ConvolutionParameter": {
        "num_output": (1, "uint32", ""),
        "bias_term": (2, "bool", ""),
        "pad": (3, "uint32", "repeated"),
        "kernel_size": (4, "uint32", "repeated"),
        "group": (5, "uint32", ""),
        "stride": (6, "uint32", "repeated"),
        "pad_h": (9, "uint32", ""),
        "pad_w": (10, "uint32", ""),
        "kernel_h": (11, "uint32", ""),
        "kernel_w": (12, "uint32", ""),
        "stride_h": (13, "uint32", ""),
        "stride_w": (14, "uint32", ""),
        "dilation": (18, "uint32", "repeated"),
    },
    "PoolingParameter": {
        "pool": (1, "PoolMethod", ""),
        "kernel_size": (2, "uint32", ""),
        "stride": (3, "uint32", ""),
        "pad": (4, "uint32", ""),
    },
    "V1LayerParameter": {
        "bottom": (2, "string", "repeated"),
        "top": (3, "string", "repeated"),
        "name": (4, "string", ""),
        "type": (5, "V1LayerType", ""),
        "blobs": (6, "BlobProto", "repeated"),
        "convolution_param": (10, "ConvolutionParameter", ""),
        "pooling_param": (19, "PoolingParameter", ""),
    },
    "LayerParameter": {
        "name": (1, "string", ""),
        "type": (2, "string", ""),
        "bottom": (3, "string", "repeated"),
        "top": (4, "string", "repeated"),
        "blobs": (7, "BlobProto", "repeated"),
        "convolution_param": (106, "ConvolutionParameter", ""),
        "pooling_param": (121, "PoolingParameter", ""),
    },
    "NetParameter": {
        "name": (1, "string", ""),
        "layers": (2, "V1LayerParameter", "repeated"),
        "input": (3, "string", "repeated"),
        "input_dim": (4, "int32", "repeated"),
        "input_shape": (8, "BlobShape", "repeated"),
        "layer": (100, "LayerParameter", "repeated"),
    },
}
# In the order of their numbers.
# fmt: off
_V1_TYPES = (
    "NONE", "ACCURACY", "BNLL", "CONCAT", "CONVOLUTION", "DATA", "DROPOUT", "EUCLIDEAN_LOSS", "FLATTEN", "HDF5_DATA",
    "HDF5_OUTPUT", "IM2COL", "IMAGE_DATA", "INFOGAIN_LOSS", "INNER_PRODUCT", "LRN", "MULTINOMIAL_LOGISTIC_LOSS",
    "POOLING", "RELU", "SIGMOID", "SOFTMAX", "SOFTMAX_LOSS", "SPLIT", "TANH", "WINDOW_DATA", "ELTWISE", "POWER",
    "SIGMOID_CROSS_ENTROPY_LOSS", "HINGE_LOSS", "MEMORY_DATA", "ARGMAX", "THRESHOLD", "DUMMY_DATA", "SLICE", "MVN",
    "ABSVAL", "SILENCE", "CONTRASTIVE_LOSS", "EXP", "DECONVOLUTION",
)
# fmt: on
_ENUMS = {"PoolMethod": ("MAX", "AVE", "STOCHASTIC"), "V1LayerType": _V1_TYPES}


@functools.cache
def message_class(name: str) -> Any:
    """Returns the class of a message, such as "NetParameter"."""
    descriptor = _pool().FindMessageTypeByName(f"{_PACKAGE}.{name}")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(_pool()).GetPrototype(descriptor)  # protobuf 3


@functools.cache
def _pool():
    file = descriptor_pb2.FileDescriptorProto(name="keras_pose/caffe.proto", package=_PACKAGE, syntax="proto2")
    for name, values in _ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, value in enumerate(values):
            enum.value.add(name=value, number=number)
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field_name, (number, kind, rule) in fields.items():
            field = message.field.add(name=field_name, number=number)
            field.label = _FIELD.LABEL_REPEATED if rule else _FIELD.LABEL_OPTIONAL
            if kind in _KINDS:
                field.type = _KINDS[kind]
            else:
                field.type = _FIELD.TYPE_ENUM if kind in _ENUMS else _FIELD.TYPE_MESSAGE
                field.type_name = f".{_PACKAGE}.{kind}"
            field.options.packed = rule == "packed"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
    return pool
