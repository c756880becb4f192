"""Configurations: defaults hold, what contradicts itself is refused with the flag's name."""

import glob
import os
import subprocess
import sys

import pytest

from keras_pose import options
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.exporting.config import ExportConfig
from keras_pose.flow import estimators, opencv
from keras_pose.flow.names import CONTRIB, ESTIMATORS
from keras_pose.models import kinds
from keras_pose.models.factory import PRESETS
from keras_pose.pooling.kinds import KINDS as POOLING_KINDS
from keras_pose.runs.config import TrainConfig
from tests import conftest


def test_every_flag_explains_itself():
    for config_class in (TrainConfig, EvaluateConfig, ExportConfig):
        for flag in options.flags_of(config_class):
            assert flag.help.endswith("."), flag.name
            assert len(flag.help) > 20, flag.name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input_size": "100"}, "--input_size: expected a side or height,width in multiples of 32 px, received '100'"),
        ({"input_size": "64,x"}, "--input_size"),
        ({"input_size": "0"}, "--input_size"),
        ({"aug_mirror": "often"}, "--aug_mirror: expected auto or a number from 0 to 1, received 'often'"),
        ({"aug_mirror": "1.5"}, "--aug_mirror"),
        ({"steps": 150}, "--steps: expected a multiple of --validate_every=100, received 150"),
        ({"steps": 100, "warmup_steps": 200}, "--warmup_steps: expected at most --steps=100"),
        ({"devices": "gpu"}, "--devices: expected auto or a number"),
        ({"devices": "0"}, "--devices"),
        ({"test_clips": "a.txt", "test_fraction": 0.1}, "expected at most one of them"),
        ({"learning_rate": -1.0}, "--learning_rate: expected at least 0"),
        ({"model": "maps"}, "--model: expected one of heatmap, coordinate, flowing, flow_input, received 'maps'"),
        ({"validation_fraction": 0.0}, "--validation_fraction: expected at least 0.01"),
    ],
)
def test_flags_out_of_range_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig.from_flags(run_dir="x", **change)


@pytest.mark.parametrize("path", sorted(glob.glob(str(conftest.ROOT / "configs" / "*.flags"))), ids=os.path.basename)
def test_every_flagfile_is_valid_and_opens_with_its_command(path):
    options.load(TrainConfig, path)
    with open(path, encoding="utf-8") as file:
        head = file.readline()
    assert head.startswith("# ")
    assert f"--flagfile=configs/{os.path.basename(path)}" in head


def test_every_flag_belongs_to_one_part_and_keeps_its_name():
    """Flagfiles of runs that exist name these flags, in this order."""
    names = [flag.name for flag in options.flags_of(TrainConfig)]
    assert len(set(names)) == len(names)
    assert names[:3] == ["run_dir", "data", "signer_clips"]
    assert {"model", "window", "pooling", "aug_mirror", "test_data", "steps", "snapshots", "devices"} <= set(names)
    assert len(names) == 89


def test_a_configuration_is_its_flags():
    changes = {"run_dir": "x", "model": "flowing", "window": 3, "frame_stride": 1, "data": "signers:train:3"}
    config = TrainConfig.from_flags(**changes)
    values = options.values(config)
    assert {name: values[name] for name in changes} == changes
    assert config.window.num_neighbours == 3
    assert config.offsets == (-3, -2, -1, 0, 1, 2, 3)
    assert TrainConfig.from_flags(**values) == config
    assert config.replace(window=5) == TrainConfig.from_flags(**{**changes, "window": 5})


def test_a_run_directory_must_be_given():
    with pytest.raises(ValueError, match="--run_dir: must be given. Folder"):
        TrainConfig.from_flags(window=7)


def test_a_size_of_other_digits_is_refused_by_its_flag():
    with pytest.raises(ValueError, match="--input_size: expected a side"):
        TrainConfig.from_flags(run_dir="x", input_size="²")


def test_an_unknown_flag_is_refused():
    with pytest.raises(ValueError, match="--windows: expected one of the flags run_dir, data"):
        TrainConfig.from_flags(run_dir="x", windows=3)


def test_the_net_inside_a_flowing_net_is_a_heatmap_net():
    flowing = TrainConfig.from_flags(run_dir="x", model="flowing", net_steps=100, pooling_steps=200)
    inner = flowing.of_frame_net()
    assert inner.model.kind is kinds.HEATMAP
    assert (inner.phases.net_steps, inner.phases.pooling_steps, inner.offsets) == (0, 0, (0,))
    assert inner.of_frame_net() is inner


@pytest.mark.parametrize(
    ("flag", "registered"),
    [
        ("pooling", ("auto", *POOLING_KINDS)),
        ("preset", PRESETS),
        ("model", kinds.KINDS),
        ("flow", ("auto", *ESTIMATORS)),
    ],
)
def test_the_choices_of_a_flag_are_what_is_registered(flag, registered):
    (found,) = (known for known in options.flags_of(TrainConfig) if known.name == flag)
    assert set(found.field.metadata["choices"]) == set(registered)


@pytest.mark.parametrize("choice", ESTIMATORS)
def test_every_flow_can_be_opened_or_says_what_it_needs(choice):
    if choice in CONTRIB and not opencv.has_contrib():
        with pytest.raises(ValueError, match="contrib"):
            estimators.open_estimator(choice)
    else:
        assert callable(estimators.open_estimator(choice))


def test_configurations_load_no_tensorflow():
    code = (
        "import sys, keras_pose.runs.config, keras_pose.evaluation.config, keras_pose.exporting.config; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules or 'cv2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
