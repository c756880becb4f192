"""The signatures that a SavedModel declares."""

from __future__ import annotations

import inspect
import os
from typing import Any

from google.protobuf import json_format
from tensorflow.core.protobuf import saved_model_pb2

from serving.local_server.errors import ServingError


def read_signature_defs(path: str) -> dict[str, Any]:
    """Reads the SignatureDefs of a SavedModel.

    Args:
      path: its folder.

    Returns:
      Maps signature names to SignatureDefs.

    Raises:
      OSError: if there is no SavedModel.
      ServingError: NOT_FOUND if it has no graph for serving.
    """
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


def def_as_json(message: Any) -> dict[str, Any]:
    """Returns a SignatureDef in the form of an answer about metadata: all fields, under their names in the proto."""
    return json_format.MessageToDict(message, preserving_proto_field_name=True, **{_ALL_FIELDS: True})
