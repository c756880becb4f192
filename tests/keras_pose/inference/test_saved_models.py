"""SavedModels load from folders of any name."""

import pytest
import tensorflow as tf

from keras_pose.inference import saved_models


@pytest.mark.parametrize("name", ["plain", "run [lr=1e-3]", "a*b", "what?", "%d", "{x}", "ü n", "[", "back\\slash"])
def test_a_model_loads_from_a_folder_of_any_name(tmp_path, name):
    module = tf.Module()
    module.value = tf.Variable(3.0)
    module.times = tf.function(lambda x: module.value * x, input_signature=[tf.TensorSpec([], tf.float32)])
    tf.saved_model.save(module, str(tmp_path / name))
    assert float(saved_models.load(tmp_path / name).times(2.0)) == 6.0


def test_a_folder_without_a_model_is_an_error(tmp_path):
    with pytest.raises(OSError, match="SavedModel"):
        saved_models.load(tmp_path)
