"""Exports of the other nets, and of runs that cannot be exported."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data.synthetic import signers
from keras_pose.exporting import exporter, publish
from keras_pose.inference import loading
from keras_pose.runs import config, trained
from tests.helpers.exported_runs import ROOT, SIZE_HW, write_run


@pytest.fixture(scope="module")
def clip():
    """uint8 [5, 64, 64, 3]."""
    return signers.generate("test", 6, 5, SIZE_HW).frames


def export(folder, precision="float32", **flags):
    write_run(folder, **flags)
    return exporter.export(config.ExportConfig(run_dir=str(folder), precision=precision), lambda line: None)


def encoded(frames):
    return tf.stack([tf.io.encode_png(frame) for frame in frames])


@pytest.mark.parametrize("flags", [{}, {"model": "coordinate"}], ids=["heatmap", "coordinate"])
def test_nets_of_single_frames(tmp_path, clip, flags):
    signatures = tf.saved_model.load(export(tmp_path / "run", **flags)).signatures
    assert ("heatmaps" in signatures) == (flags == {})
    joints, scores = loading.load_predictor(str(tmp_path / "run")).predict(clip)
    answer = signatures["predict_frames"](frames=tf.constant(clip))
    valid = answer["valid"].numpy()
    assert valid.any()
    np.testing.assert_allclose(answer["keypoints"].numpy()[valid], joints[valid], atol=1e-3)
    expected = np.ones_like(scores) if flags else np.clip(scores, 0, 1)
    np.testing.assert_allclose(answer["scores"], expected, atol=1e-4)
    video = signatures["predict_clip"](frames_bytes=encoded(clip)[None])
    for name in answer:
        np.testing.assert_allclose(video[name][0], answer[name], atol=1e-3)


def test_pooling_without_flow(tmp_path, clip):
    flags = {"model": "flowing", "window": 1, "pooling": "parametric", "flow": "none"}
    signatures = tf.saved_model.load(export(tmp_path / "run", **flags)).signatures
    joints, scores = loading.load_predictor(str(tmp_path / "run")).predict(clip)
    answer = signatures["predict_clip"](frames_bytes=encoded(clip)[None])
    valid = answer["valid"].numpy()[0]
    np.testing.assert_array_equal(valid, scores > 0)
    np.testing.assert_allclose(answer["keypoints"].numpy()[0][valid], joints[valid], atol=1e-3)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_16_bits_are_near_32(tmp_path, clip, precision):
    path = export(tmp_path / "run", precision)
    assert keras.layers.Layer().compute_dtype == "float32"
    answer = tf.saved_model.load(path).signatures["heatmaps"](frames=tf.constant(clip))["heatmaps"].numpy()
    model = trained.load_model(str(tmp_path / "run"))[0]
    expected = model(clip.astype(np.float32), training=False)["heatmaps"].numpy()
    difference = np.abs(answer - expected).max() / np.abs(expected).max()
    assert 0 < difference < 0.1


def test_damaged_weights_are_named(tmp_path):
    write_run(tmp_path / "run")
    weights = tmp_path / "run" / "model.weights.h5"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(OSError, match="model.weights.h5: the weights cannot be read"):
        exporter.export(config.ExportConfig(run_dir=str(tmp_path / "run")))


def test_a_net_with_flow_at_its_input_is_refused(tmp_path):
    write_run(tmp_path / "run", model="flow_input", window=1)
    with pytest.raises(ValueError, match=r"--run_dir: expected --model=heatmap, .* of --model=flow_input"):
        exporter.export(config.ExportConfig(run_dir=str(tmp_path / "run")))
    assert not (tmp_path / "run" / "export").exists()


def test_a_net_that_answers_otherwise_is_not_published(tmp_path, monkeypatch):
    write_run(tmp_path / "run")
    save = exporter.save

    def save_and_change(module, folder, assets):
        save(module, folder, assets)
        for variable in module.net_variables:
            variable.assign(variable * 0.5)

    monkeypatch.setattr(exporter, "save", save_and_change)
    with pytest.raises(ArithmeticError, match="differs from the net in memory"):
        exporter.export(config.ExportConfig(run_dir=str(tmp_path / "run")))
    assert os.listdir(tmp_path / "run" / "export" / "pose") == []


def test_a_killed_export_publishes_nothing_half(tmp_path):
    write_run(tmp_path / "run")
    model_dir = tmp_path / "run" / "export" / "pose"
    command = [sys.executable, "export.py", f"--run_dir={tmp_path / 'run'}"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            if process.poll() is not None or list(model_dir.glob(".writing-*/saved_model.pb")):
                break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
    finally:
        process.kill()
        process.wait(timeout=20)
    assert publish.versions(model_dir) == []
    path = exporter.export(config.ExportConfig(run_dir=str(tmp_path / "run")), lambda line: None)
    assert os.listdir(model_dir) == ["1"]
    assert tf.saved_model.load(path).signatures


def test_the_command_names_a_wrong_run(tmp_path):
    command = [sys.executable, "export.py", f"--run_dir={tmp_path}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 1
    assert "export.py: " in done.stderr
    assert "expected a run of train.py" in done.stderr
    assert "Traceback" not in done.stderr
