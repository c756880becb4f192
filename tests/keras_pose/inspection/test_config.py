"""The flags of an inspection, and the folder that it writes to."""

import os

import pytest

from keras_pose.inspection.config import InspectConfig
from keras_pose.options import build


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("/a/my mice", "my_mice"),
        ("/a/lips/config.yaml", "lips"),
        ("/a/coco/annotations.json", "coco"),
        ("/a/b.pkg.slp", "b.pkg"),
        ("signers:train:20", "signers_train_20"),
    ],
)
def test_the_folder_is_named_after_the_data(data, name):
    config = build(InspectConfig, {"data": data})
    assert config.name == name
    assert config.folder == os.path.join("inspect", name)
    assert build(InspectConfig, {"data": data, "out_dir": "there"}).folder == "there"


def test_bounds():
    with pytest.raises(ValueError, match="--pictures: expected at least 0"):
        build(InspectConfig, {"pictures": -1})
    with pytest.raises(ValueError, match="--minutes: expected at least 0.1"):
        build(InspectConfig, {"minutes": 0.0})
