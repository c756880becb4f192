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
    assert {name for name, preset in factory.PRESETS.items() if preset.pretrained} == {
        presets.MOVENET,
        *presets.BACKBONES,
    }


@pytest.mark.parametrize("name", presets.BACKBONES)
def test_a_backbone_names_an_application_and_a_file_of_weights(name):
    backbone = presets.BACKBONES[name]
    assert callable(getattr(keras.applications, backbone.application))
    assert len(backbone.skips) == 3
    if not backbone.file:
        assert backbone.movenet  # weights come from MoveNet only
        return
    assert backbone.url.startswith("https://")
    assert backbone.url.endswith(f"/{backbone.file}")
    assert not backbone.md5 or len(bytes.fromhex(backbone.md5)) == 16  # Keras publishes none for MobileNetV2


def test_only_weights_without_preprocessing_of_their_own_get_one():
    for backbone in presets.BACKBONES.values():
        own = backbone.options.get("include_preprocessing", False)
        assert [backbone.caffe_preprocessing, backbone.rescales, own].count(True) == 1


def test_they_load_neither_keras_nor_tensorflow():
    code = (
        "import sys; from keras_pose.models import presets; sys.exit(bool({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
