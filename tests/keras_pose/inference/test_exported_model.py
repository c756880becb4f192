"""An export behind the interface of `keras_pose.load`: what is sent to it, and what it must be."""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.exporting import exporter
from keras_pose.exporting.config import ExportConfig
from keras_pose.inference import exported_model
from keras_pose.inference.exported_model import ExportedModel
from tests.helpers.exported_runs import write_run


@pytest.fixture(scope="module")
def pooling_model(tmp_path_factory):
    """An export whose windows reach 2 frames to each side."""
    folder = tmp_path_factory.mktemp("pooling")
    write_run(folder / "run", model="flowing", window=1, frame_stride=2, flow="none", pooling="sum")
    return ExportedModel(exporter.export(ExportConfig(run_dir=str(folder / "run")), echo=lambda _: None))


def noise(count, size_hw=(64, 64)):
    return np.random.default_rng(0).integers(0, 256, (count, *size_hw, 3)).astype(np.uint8)


def test_chunks_of_a_long_video_see_their_neighbours(pooling_model, monkeypatch):
    frames = noise(11)
    whole = pooling_model.predict(frames)
    monkeypatch.setattr(exported_model, "_CHUNK", 3)
    parts = pooling_model.predict(frames)
    np.testing.assert_allclose(parts.joints, whole.joints, atol=1e-3)
    np.testing.assert_allclose(parts.scores, whole.scores, atol=1e-5)


def test_a_frame_alone_differs_from_the_frame_in_its_window(pooling_model):
    frames = noise(5)
    alone = pooling_model.predict(frames[2:3]).scores[0]
    assert np.abs(pooling_model.predict(frames).scores[2] - alone).max() > 1e-3


def test_the_skeleton_travels_with_the_export(pooling_model):
    assert pooling_model.skeleton.joints[0] == "head"
    assert pooling_model.skeleton.flip_pairs


def test_another_saved_model_is_refused(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path / "other"))
    with pytest.raises(ValueError, match="other: expected an export of keras_pose, found no signature describe"):
        ExportedModel(str(tmp_path / "other"))
