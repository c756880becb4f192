"""Devices: none that are not there, and two learn what one learns. Numerics: the precision asked for."""

import json
import os
import sys

import keras
import pytest
import tensorflow as tf

from keras_pose.training import strategy
from tests.helpers import tiny

# In a process of its own: logical devices must be set up before TensorFlow's first operation.
TWO_DEVICES = """
import json, sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from keras_pose.runs.config import TrainConfig
from keras_pose.training import runner, strategy
assert strategy.make_strategy("auto").num_replicas_in_sync == 1
for run_dir, devices in zip(sys.argv[2:], ("1", "2")):
    fields = {**json.loads(sys.argv[1]), "run_dir": run_dir, "devices": devices}
    assert strategy.make_strategy(devices).num_replicas_in_sync == int(devices)
    runner.train(TrainConfig.from_flags(**fields))
"""


def test_one_device_needs_no_strategy():
    for devices in ("1", "auto"):
        assert strategy.make_strategy(devices).num_replicas_in_sync == 1


def test_more_devices_than_there_are_is_refused():
    count = len(tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU"))
    with pytest.raises(ValueError, match=f"--devices: expected at most {count}, the number of devices, received 9"):
        strategy.make_strategy("9")


def test_two_devices_learn_like_one(tmp_path):
    short = {"data": "signers:train:3", "test_data": "", "steps": 2, "validate_every": 2}
    fields = {**tiny.FLAGS, **short}
    one = str(tmp_path / "one")
    two = str(tmp_path / "two")
    code, output = tiny.run([sys.executable, "-c", TWO_DEVICES, json.dumps(fields), one, two])
    assert code == 0, output
    first, second = (json.loads(str(tiny.checkpoint_arrays(path, 2)["memory"]))["history"] for path in (one, two))
    assert [record["step"] for record in second] == [2]
    assert second[0]["loss"] == pytest.approx(first[0]["loss"], rel=1e-5)
    assert second[0]["val_loss"] == pytest.approx(first[0]["val_loss"], rel=1e-5)
    assert os.path.exists(os.path.join(two, "eval", "metrics.json"))


@pytest.mark.parametrize(
    ("flag", "policy"), [("float16", "mixed_float16"), ("bfloat16", "mixed_bfloat16"), ("none", "float32")]
)
def test_the_precision_is_set_for_the_layers_that_follow(flag, policy):
    strategy.set_numerics(0, flag)
    try:
        layer = keras.layers.Dense(1)
        layer.build((None, 2))
        assert layer.compute_dtype == ("float32" if flag == "none" else flag)
        assert policy.endswith(layer.compute_dtype)
        assert layer.variable_dtype == "float32"
    finally:
        keras.mixed_precision.set_global_policy("float32")


def test_the_seed_decides_the_weights():
    def kernel(seed):
        strategy.set_numerics(seed, "none")
        layer = keras.layers.Dense(3)
        layer.build((None, 2))
        return layer.get_weights()[0].tolist()

    assert kernel(1) == kernel(1) != kernel(2)


def test_the_precision_is_set_back_even_after_an_error():
    def fail_in_16_bits():
        with strategy.kept_precision():
            strategy.set_numerics(0, "bfloat16")
            raise ValueError("stopped")

    before = keras.mixed_precision.global_policy().name
    with pytest.raises(ValueError, match="stopped"):
        fail_in_16_bits()
    assert keras.mixed_precision.global_policy().name == before
