"""The table of presets: complete, and free of Keras."""

import pathlib
import subprocess
import sys

import keras
import pytest

from keras_pose.models import factory, presets

ROOT = pathlib.Path(__file__).resolve().parents[3]


def test_every_preset_can_be_built_and_no_other():
    assert set(factory.PRESETS) == set(presets.PRESETS)
    assert len(set(presets.PRESETS)) == len(presets.PRESETS)
    assert {name for name, preset in factory.PRESETS.items() if preset.pretrained} == set(presets.BACKBONES)


@pytest.mark.parametrize("name", presets.BACKBONES)
def test_a_backbone_names_an_application_and_a_file_of_weights(name):
    backbone = presets.BACKBONES[name]
    assert callable(getattr(keras.applications, backbone.application))
    assert len(backbone.skips) == 3
    assert backbone.url.startswith("https://")
    assert backbone.url.endswith(f"/{backbone.file}")
    assert len(bytes.fromhex(backbone.md5)) == 16


def test_only_weights_without_preprocessing_of_their_own_get_one():
    for backbone in presets.BACKBONES.values():
        assert backbone.caffe_preprocessing != backbone.options.get("include_preprocessing", False)


def test_they_load_neither_keras_nor_tensorflow():
    code = (
        "import sys; from keras_pose.models import presets; sys.exit(bool({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
