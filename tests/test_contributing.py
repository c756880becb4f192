"""The diffs of docs/contributing.md apply, touch the files that the page says, and work."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests import conftest
from tests.helpers import tiny, warm_process

PAGE = conftest.ROOT / "docs" / "contributing.md"
# Files that each diff may touch.
FILES = {
    "A pooling": {
        "keras_pose/pooling/kinds.py",
        "keras_pose/pooling/names.py",
        "keras_pose/pooling/pixel_median.py",
    },
    "An importer": {"keras_pose/data/importers/__init__.py", "keras_pose/data/importers/point_table.py"},
    "A file format": {"keras_pose/poses/formats/__init__.py", "keras_pose/poses/formats/json_lines.py"},
    "A backbone": {"keras_pose/models/presets.py"},
    "A measure": {"keras_pose/evaluation/measure_table.py"},
    "A signature": {"keras_pose/exporting/pose_module.py"},
}
USE_IMPORTER = """
import cv2
import numpy as np
from keras_pose.data import importers
from keras_pose.data.open_source import open_source

cv2.imwrite("a.png", np.zeros((20, 30, 3), np.uint8))
open("points.csv", "w").write("image,nose_x,nose_y,tail_x,tail_y\\na.png,1,2,3.5,4\\n")
source = open_source("points.csv")
assert source.skeleton.joints == ("nose", "tail")
np.testing.assert_array_equal(source.clips[0].joints, [[[1, 2], [3.5, 4]]])
assert source.clips[0].frames.read([0]).shape == (1, 20, 30, 3)
assert "a table of points (a .csv file)" in importers.describe_sources()
"""
USE_FORMAT = """
import json
import numpy as np
from keras_pose.analysis.config import PredictConfig
from keras_pose.poses import formats
from tests.helpers.video_poses import random_poses

poses = random_poses()
formats.write("clip.jsonl", poses)
lines = [json.loads(line) for line in open("clip.jsonl")]
assert [line["frame"] for line in lines] == poses.frames.tolist()
assert set(lines[3]["joints"].values()) == {None}  # a frame that could not be decoded
x, y, likelihood = lines[0]["joints"]["wrist_2"]
np.testing.assert_allclose([x, y], poses.joints[0, 0, 2])
assert formats.read_description("clip.jsonl")["model"]["name"] == "mine"
formats.check(PredictConfig(run_dir="run", video="clip.mp4", formats="csv,jsonl").endings)
"""
USE_POOLING_AND_BACKBONE = """
import numpy as np
from keras_pose.models import factory
from keras_pose.models.pose_net import PoseNet
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.runs.config import TrainConfig

flags = {"run_dir": "x", "model": "flowing", "window": 1, "input_size": "64"}
config = TrainConfig.from_flags(**flags, pooling="pixel_median", preset="efficientnet_v2_b1")
net = PoseNet(factory.build_net(config.model, config.window, 3))
assert net.pooling().kind == "pixel_median"
assert net.frame_net().output_shape() == (16, 16, 3)
maps = np.random.default_rng(0).normal(size=(2, 5, 4, 4, 3)).astype(np.float32)
pooled = TemporalPooling("pixel_median")([maps, np.ones((2, 5), np.float32)])
np.testing.assert_allclose(pooled, np.median(maps, axis=1), atol=1e-6)
"""
USE_MEASURE = """
import numpy as np
from keras_pose.evaluation.accuracy import score
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import UPPER_BODY

rng = np.random.default_rng(0)
truth = rng.uniform(0, 100, (4, 7, 2)).astype(np.float32)
seen = np.full((4, 7), 2)
guess = truth + rng.normal(0, 3, truth.shape)
clips = [ClipPredictions(n, np.arange(4), guess, np.ones((4, 7)), truth, seen, (100, 100)) for n in "ab"]
metrics = score(clips, UPPER_BODY, resamples=1000)
assert 0 < metrics["near_shoulders"] < 1
low, high = metrics["confidence_intervals"]["near_shoulders"]
assert low <= metrics["near_shoulders"] <= high
assert "near_shoulders" in metrics["per_joint"]["head"]
"""
USE_SIGNATURE = """
import tensorflow as tf
from keras_pose.exporting import warmup
from keras_pose.exporting.exporter import export
from keras_pose.exporting.config import ExportConfig
from tests.helpers.exported_runs import write_run

write_run("run")
version = export(ExportConfig(run_dir="run"))
answer = tf.saved_model.load(version).signatures["scores"](frames=tf.zeros([2, 40, 50, 3], tf.uint8))
assert list(answer) == ["scores"]
assert answer["scores"].shape == (2, 7)
"""


def find_diffs():
    """{heading: diff} of the page."""
    text = PAGE.read_text(encoding="utf-8")
    return dict(re.findall(r"^## ([^\n]*)\n(?:(?!^## ).)*?```diff\n(.*?)^```", text, re.S | re.M))


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A copy of the package to which all diffs were applied."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("keras_pose", "tests/helpers"):
        shutil.copytree(conftest.ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tests" / "__init__.py").touch()
    for heading, diff in find_diffs().items():
        command = ["git", "apply", "--whitespace=error-all", "-"]
        done = subprocess.run(command, cwd=folder, input=diff, text=True, capture_output=True, check=False)
        assert done.returncode == 0, f"{heading}: {done.stderr}"
    return folder


def test_each_diff_touches_the_files_that_the_page_says():
    touched = {heading: set(re.findall(r"^\+\+\+ b/(.*)$", diff, re.M)) for heading, diff in find_diffs().items()}
    assert touched == FILES


@pytest.mark.parametrize("program", [USE_IMPORTER, USE_FORMAT, USE_POOLING_AND_BACKBONE, USE_MEASURE, USE_SIGNATURE])
def test_what_the_diffs_add_works(changed, program):
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    process = warm_process.start([sys.executable, "-c", program], environment, folder=changed)
    try:
        output, _ = process.communicate(timeout=tiny.LIMIT_S)
    finally:
        process.kill()
    assert process.returncode == 0, output
