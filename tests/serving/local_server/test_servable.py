"""A loaded SavedModel."""

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
from serving.local_server.errors import ServingError  # noqa: E402
from serving.local_server.servable import Servable  # noqa: E402
from tests.helpers import toy_server  # noqa: E402


@pytest.fixture(scope="module")
def servable(tmp_path_factory):
    """The model `Toy`, which multiplies by 2."""
    folder = tmp_path_factory.mktemp("toy") / "1"
    toy_server.save(folder, 2.0)
    return Servable(str(folder), 1)


def test_signatures_are_run_by_name_and_the_empty_name_is_the_default(servable):
    x = np.array([[1, 2.5]], np.float32)
    for name in ("", "serving_default"):
        np.testing.assert_array_equal(servable.run(name, {"x": x})["y"], [[2, 5]])
    outputs = servable.run("measure", {"image_bytes": np.array([b"ab", b"\xff"], object)})
    assert outputs["length"].tolist() == [2, 1]
    assert outputs["copy_bytes"].tolist() == [b"ab", b"\xff"]


@pytest.mark.parametrize("name", ["run [lr=1e-3]", "a*b", "%d {x}", "back\\slash"])
def test_a_model_loads_from_a_folder_of_any_name(tmp_path, name):
    toy_server.save(tmp_path / name / "1", 3.0)
    servable = Servable(str(tmp_path / name / "1"), 1)
    np.testing.assert_array_equal(servable.run("", {"x": np.array([[1, 2]], np.float32)})["y"], [[3, 6]])


def test_signatures_know_types_and_shapes_of_their_inputs(servable):
    signature = servable.signature("")
    assert signature.dtypes == {"x": np.dtype("float32")}
    assert signature.shapes["x"].as_list() == [None, 2]
    assert signature.has_rows
    assert servable.signature("measure").dtypes == {"image_bytes": np.dtype(object)}


@pytest.mark.parametrize(
    ("name", "inputs", "message"),
    [
        ("no", {"x": np.zeros((1, 2), np.float32)}, 'Serving signature name: "no" not found in signature def'),
        ("", {"z": np.zeros((1, 2), np.float32)}, "Sent extra: {z}. Missing but required: {x}."),
        ("", {"x": np.zeros((1, 2))}, "input x: expected type float32, got float64"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(servable, name, inputs, message):
    with pytest.raises(ServingError) as caught:
        servable.check(name, inputs)
    assert caught.value.code == "INVALID_ARGUMENT"
    assert message in caught.value.message


def test_inputs_that_fit_are_accepted(servable):
    servable.check("", {"x": np.zeros((0, 2), np.float32)})
    servable.check("", {"x": np.zeros((1, 3), np.float32)})
    servable.check_names("fussy", ["n"])


def test_the_graph_decides_which_shapes_it_takes(servable):
    assert servable.run("", {"x": np.array(1.5, np.float32)})["y"] == 3
    assert servable.run("", {"x": np.ones((1, 2, 3), np.float32)})["y"].shape == (1, 2, 3)


def test_a_string_alone_is_an_array_of_bytes(servable):
    outputs = servable.run("measure", {"image_bytes": np.array(b"ab\0", object)})
    assert outputs["copy_bytes"].dtype == object
    assert outputs["copy_bytes"].item() == b"ab\0"


def test_definitions_are_found_by_name(servable):
    assert servable.definition("") == servable.definition("serving_default")
    with pytest.raises(ServingError, match="No signature was found with the name: no"):
        servable.definition("no")


def test_metadata_describes_every_signature(servable):
    metadata = servable.metadata()
    assert list(metadata) == sorted(servable.definitions())
    assert metadata["measure"]["inputs"]["image_bytes"]["dtype"] == "DT_STRING"
    assert metadata["serving_default"]["outputs"]["y"]["tensor_shape"]["dim"][1] == {"size": "2", "name": ""}


def test_a_signature_without_rows_is_not_merged(tmp_path):
    class Fixed(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([3], tf.float32, name="x")])
        def total(self, x):
            return {"y": tf.reduce_sum(x)}

    module = Fixed()
    tf.saved_model.save(module, str(tmp_path / "1"), signatures={"serving_default": module.total})
    assert not Servable(str(tmp_path / "1"), 1).signature("").has_rows


def test_a_folder_that_is_not_a_model_is_an_error(tmp_path):
    with pytest.raises(OSError, match="saved_model.pb"):
        Servable(str(tmp_path), 1)
    (tmp_path / "saved_model.pb").write_bytes(b"")
    with pytest.raises(ServingError, match="expected a graph with the tag 'serve'"):
        Servable(str(tmp_path), 1)
