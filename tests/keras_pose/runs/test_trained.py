"""The net of a run comes back with its weights, in the precision asked for."""

import keras
import numpy as np
import pytest

from keras_pose.runs import trained
from tests.helpers import exported_runs


@pytest.mark.parametrize("precision", ["float32", "float16", "bfloat16"])
def test_weights_come_back_in_32_bits_whatever_the_net_computes_in(tmp_path, precision):
    written, settings, folder = exported_runs.write_run(tmp_path / "run", mixed_precision="bfloat16")
    model, config, skeleton = trained.load_model(folder, precision)
    assert config == settings.replace(flow="dis_medium")  # what "auto" in the flags of a run means
    assert len(skeleton.joints) == 7
    for a, b in zip(written.get_weights(), model.get_weights()):
        np.testing.assert_array_equal(a, b)
        assert b.dtype == np.float32
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert {layer.compute_dtype for layer in convolutions} >= {precision}
    assert keras.layers.Dense(1).compute_dtype == "float32"


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"expected a run of train.py, but .*flags\.txt does not exist"):
        trained.load_model(str(tmp_path))


def test_weights_that_cannot_be_read_are_named(tmp_path):
    _, _, folder = exported_runs.write_run(tmp_path / "run")
    path = tmp_path / "run" / "model.weights.h5"
    path.write_bytes(b"nothing")
    with pytest.raises(OSError, match=r"model\.weights\.h5: the weights cannot be read"):
        trained.load_model(folder)
