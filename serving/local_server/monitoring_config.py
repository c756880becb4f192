"""Reads TensorFlow Serving's monitoring configuration: whether there are metrics, and at which path."""

from __future__ import annotations

import functools
import os

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

DEFAULT_PATH = "/monitoring/prometheus/metrics"


def read_metrics_path(path: str | os.PathLike[str]) -> str | None:
    """Reads a configuration file (`tensorflow.serving.MonitoringConfig` in text format).

    Args:
      path: the file.

    Returns:
      The path of the metrics on the REST port, or None if the file does not enable them.

    Raises:
      ValueError: if the file is invalid.
      OSError: if it cannot be read.
    """
    with open(path, encoding="utf-8") as file:
        try:
            config = text_format.Parse(file.read(), _message_class()()).prometheus_config
        except (text_format.ParseError, UnicodeDecodeError) as error:
            raise ValueError(f"{path}: expected a MonitoringConfig in text format: {error}") from error
    if config.path and not config.path.startswith("/"):
        raise ValueError(f"{path}: expected a path that begins with /, received {config.path!r}")
    return (config.path or DEFAULT_PATH) if config.enable else None


@functools.cache
def _message_class():
    """The class of the message: the package tensorflow-serving-api lacks it (config/monitoring_config.proto)."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="local_server/monitoring.proto", package="local_server")
    file.syntax = "proto3"
    inner = file.message_type.add(name="PrometheusConfig")
    inner.field.add(name="enable", number=1, type=field.TYPE_BOOL, label=field.LABEL_OPTIONAL)
    inner.field.add(name="path", number=2, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    outer = file.message_type.add(name="MonitoringConfig")
    outer.field.add(
        name="prometheus_config",
        number=1,
        type=field.TYPE_MESSAGE,
        type_name=".local_server.PrometheusConfig",
        label=field.LABEL_OPTIONAL,
    )
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("local_server.MonitoringConfig"))
