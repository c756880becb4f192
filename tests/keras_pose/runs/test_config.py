"""Configurations: defaults hold, what contradicts itself is refused with the flag's name."""

import dataclasses
import glob
import os

import pytest

from keras_pose import options
from keras_pose.runs.config import EvaluateConfig, TrainConfig
from tests import conftest


def test_every_flag_explains_itself():
    for config_class in (TrainConfig, EvaluateConfig):
        for field in dataclasses.fields(config_class):
            assert field.metadata["help"].endswith("."), field.name
            assert len(field.metadata["help"]) > 20, field.name


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
        ({"test_clips": "a.txt", "test_fraction": 0.1}, "expected one of them at the most"),
        ({"learning_rate": -1.0}, "--learning_rate: expected at least 0"),
        ({"model": "maps"}, "--model: expected one of heatmap, coordinate, flowing, flow_input, received 'maps'"),
        ({"validation_fraction": 0.0}, "--validation_fraction: expected at least 0.01"),
    ],
)
def test_flags_out_of_range_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(run_dir="x", **change)


def test_input_size_is_a_side_or_height_and_width():
    assert TrainConfig(run_dir="x", input_size="96").input_size_hw == (96, 96)
    assert TrainConfig(run_dir="x", input_size="96,128").input_size_hw == (96, 128)


def test_several_runs_are_separated_by_commas():
    assert EvaluateConfig(run_dir="a, b,").run_dirs == ["a", "b"]


@pytest.mark.parametrize("path", sorted(glob.glob(str(conftest.ROOT / "configs" / "*.flags"))), ids=os.path.basename)
def test_every_flagfile_is_valid_and_opens_with_its_command(path):
    options.load(TrainConfig, path)
    with open(path, encoding="utf-8") as file:
        head = file.readline()
    assert head.startswith("# ")
    assert f"--flagfile=configs/{os.path.basename(path)}" in head
