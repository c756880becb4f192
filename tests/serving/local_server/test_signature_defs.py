"""The signatures that a SavedModel declares."""

import pytest

pytest.importorskip("tensorflow")
from serving.local_server.errors import ServingError  # noqa: E402
from serving.local_server.signature_defs import def_as_json, read_signature_defs  # noqa: E402
from tests.helpers import toy_server  # noqa: E402


def test_definitions_are_read_and_written_as_json(tmp_path):
    toy_server.save(tmp_path, 2.0)
    definitions = read_signature_defs(str(tmp_path))
    assert {"serving_default", "measure", "fussy"} <= set(definitions)
    written = def_as_json(definitions["serving_default"])
    assert written["method_name"] == "tensorflow/serving/predict"
    assert written["inputs"]["x"]["tensor_shape"]["unknown_rank"] is False  # fields with default values, too


def test_a_folder_without_a_graph_for_serving_is_an_error(tmp_path):
    with pytest.raises(OSError, match="saved_model.pb"):
        read_signature_defs(str(tmp_path))
    (tmp_path / "saved_model.pb").write_bytes(b"")
    with pytest.raises(ServingError, match="expected a graph with the tag 'serve'"):
        read_signature_defs(str(tmp_path))
