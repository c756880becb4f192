"""The net that comes with the package: its files, loading by name, prediction, and fine-tuning to other joints."""

import json
import os

import numpy as np
import pytest

import keras_pose
from keras_pose import shipped
from keras_pose.data.synthetic.signers import open_signers
from keras_pose.evaluation import scoring
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.exporting import exporter
from keras_pose.exporting.config import ExportConfig
from keras_pose.runs import run_directory
from tests.helpers import nets, tiny


@pytest.fixture(scope="module")
def model():
    return keras_pose.load("upper_body")


def test_it_is_small_and_has_its_papers():
    folder = shipped.find("upper_body")
    size = sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder))
    assert size <= 6e6
    with open(os.path.join(folder, "MODEL_CARD.md"), encoding="utf-8") as file:
        card = file.read()
    for named in ("CC BY 4.0", "Kuehne", "Jhuang", "Apache", "MoveNet", "known failures"):
        assert named.lower() in card.lower(), named
    with open(os.path.join(folder, "skeleton.json"), encoding="utf-8") as file:
        assert json.load(file)["joints"][0] == "nose"


def test_it_finds_a_drawn_signer(model):
    clip = open_signers("test", 6, 4, (128, 128)).clips
    near = []
    for one in clip:
        joints = model.predict(one.frames.read(one.labelled[:1])).joints[0]
        for side in ("left", "right"):
            place = open_signers("test", 1, 1, (128, 128)).skeleton.index(f"{side}_shoulder")
            label = one.joints[0, place]
            near.append(np.linalg.norm(joints[model.skeleton.index(f"{side}_shoulder")] - label) < 16)
    assert np.mean(near) >= 0.7


def test_frames_videos_and_streams_agree(model):
    frames = open_signers("test", 1, 4, (128, 128)).clips[0].frames.read(range(4))
    poses = model.predict(frames)
    assert poses.joints.shape == (4, 11, 2)
    stream = model.stream(mode="causal")
    live = np.stack([pose.joints for frame in frames for pose in stream.push(frame)])
    np.testing.assert_allclose(live, poses.joints, atol=0.01)


def test_a_folder_of_that_name_goes_first(tmp_path, monkeypatch):
    assert shipped.is_shipped("upper_body")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "upper_body").mkdir()
    assert shipped.find("upper_body") == "upper_body"
    assert not shipped.is_shipped("upper_body")


def test_a_folder_that_is_no_run_is_named_in_the_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "upper_body").mkdir()
    with pytest.raises(ValueError, match="a folder here; rename it, and upper_body means the net of that name"):
        run_directory.open_run("upper_body")


def test_evaluation_needs_data_and_writes_outside_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="--data: must be given with --run_dir=upper_body"):
        scoring.evaluate(EvaluateConfig(run_dir="upper_body"))
    with pytest.raises(ValueError, match="--confidence_distance: expected 0 with --run_dir=upper_body, received 0.1"):
        scoring.evaluate(EvaluateConfig(run_dir="upper_body", data="signers:test:1", confidence_distance=0.1))
    lines = []
    metrics = scoring.evaluate(EvaluateConfig(run_dir="upper_body", data="signers:test:2"), lines.append)
    assert metrics["num_frames"] > 0
    assert any("joints without any label: nose" in line for line in lines), lines
    assert (tmp_path / "runs/shipped/upper_body/eval/index.html").is_file()
    assert not os.path.exists(os.path.join(shipped.find("upper_body"), "eval"))


def test_an_export_goes_outside_the_package_and_predicts_the_same(tmp_path, monkeypatch, model):
    monkeypatch.chdir(tmp_path)
    folder = exporter.export(ExportConfig(run_dir="upper_body", tflite="float16"), lambda line: None)
    assert folder == os.path.join("runs", "shipped", "upper_body", "export", "pose", "1")
    assert os.path.getsize(os.path.join(folder, "model.tflite")) < 6e6
    frames = open_signers("test", 1, 4, (128, 160)).clips[0].frames.read(range(2))
    exported = keras_pose.load(folder)
    assert exported.skeleton == model.skeleton
    np.testing.assert_allclose(exported.predict(frames).joints, model.predict(frames).joints, atol=0.2)


def test_another_name_is_refused_and_the_shipped_ones_are_named():
    with pytest.raises(ValueError, match="no such folder; nets that come with this package: upper_body"):
        keras_pose.load("lower_body")


@pytest.mark.slow
def test_it_is_fine_tuned_to_other_joints(tmp_path):
    flags = {
        "preset": "movenet",
        "fusion": False,
        "init_from": "upper_body",
        "width": 1.0,
        "input_size": "64",
        "data": "signers:train:2",
        "test_data": "",
        "steps": 1,
        "validate_every": 1,
        "warmup_steps": 0,
    }
    _, text = tiny.train(str(tmp_path / "run"), **flags)
    assert "--init_from=upper_body has other joints: everything but the heads is kept" in text
    assert "heads of new joints fitted to" in text
    assert run_directory.open_run(str(tmp_path / "run"))[2].num_joints == 7


def test_fine_tuning_with_another_net_names_the_flags(tmp_path):
    code, text = tiny.run(tiny.arguments(str(tmp_path / "run"), **nets.DEFAULT, init_from="upper_body"))
    assert code != 0
    assert "--preset=movenet there, lite here" in text
    assert "--fusion=False there, True here" in text
