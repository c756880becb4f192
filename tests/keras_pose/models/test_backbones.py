"""Backbones: shapes, preprocessing, no randomness, weights from a file, errors of missing or foreign weights."""

import keras
import numpy as np
import pytest

from keras_pose.models import backbones, factory
from keras_pose.models.presets import BACKBONES

QUICK = "mobilenet_v3_small"


def _frames(size=64):
    return np.random.default_rng(0).uniform(0, 255, (1, size, size, 3)).astype("float32")


@pytest.fixture(scope="module")
def source():
    """A net with weights of its own, to be written to files."""
    keras.utils.set_random_seed(0)
    return _encoder(QUICK)


@pytest.fixture(scope="module")
def encoder():
    """A net to be read into."""
    return _encoder(QUICK)


def _encoder(backbone):
    frames = keras.Input((64, 64, 3))
    application = getattr(keras.applications, BACKBONES[backbone].application)
    return application(include_top=False, weights=None, input_tensor=frames)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_trunk_comes_back_to_stride_4(backbone):
    frames = keras.Input((None, None, 3), name="frames")
    trunk = backbones.build_trunk(frames, width=0.25, backbone=backbone)
    model = keras.Model(frames, list(trunk))
    early, features = model(_frames())
    assert early.shape[1:3] == (16, 16)
    assert features.shape == (1, 16, 16, 24 if BACKBONES[backbone].separable_decoder else 16)
    rates = [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert not any(rates)
    assert bool(rates) == (backbone == "efficientnet_v2_b0")


def test_resnet_preprocessing_is_that_of_keras_applications():
    frames = np.random.default_rng(0).uniform(0, 255, (1, 4, 4, 3)).astype("float32")
    expected = keras.applications.resnet50.preprocess_input(frames.copy())
    np.testing.assert_allclose(backbones.CaffePreprocessing()(frames), expected, rtol=1e-5, atol=1e-4)


def test_width_scales_the_decoder_only():
    frames = keras.Input((64, 64, 3))
    trunks = [backbones.build_trunk(frames, width, QUICK) for width in (0.25, 0.5)]
    assert [trunk.features.shape[-1] for trunk in trunks] == [16, 32]
    assert trunks[0].early.shape[-1] == trunks[1].early.shape[-1]


@pytest.mark.parametrize("suffix", [".weights.h5", ".h5"])
def test_weights_come_from_a_file(tmp_path, suffix, source, encoder):
    if suffix == ".h5" and keras.__version__.startswith("3"):
        pytest.skip("Keras 3 reads the old format but does not write it")
    path = str(tmp_path / f"backbone{suffix}")
    source.save_weights(path)
    backbones.load_weights(encoder, QUICK, path)
    np.testing.assert_allclose(encoder(_frames()), source(_frames()), rtol=1e-4, atol=1e-5)


def test_named_weights_end_up_in_the_trunk(tmp_path, source):
    path = str(tmp_path / "backbone.weights.h5")
    source.save_weights(path)
    model = factory.build_model("heatmap", QUICK, 2, (64, 64), width=0.25, fusion=False, backbone_weights=path)
    first, expected = (
        next(layer for layer in net.layers if isinstance(layer, keras.layers.Conv2D)) for net in (model, source)
    )
    np.testing.assert_array_equal(first.get_weights()[0], expected.get_weights()[0])


def test_failed_download_names_file_source_and_way_out(monkeypatch):
    def fail(*args, **kwargs):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.utils, "get_file", fail)
    with pytest.raises(OSError, match="no_top_v2.h5 from https://storage.*--backbone_weights=<path.*=none"):
        factory.build_model("heatmap", QUICK, 2, (64, 64), backbone_weights="imagenet")


def test_download_asks_for_the_published_file_and_loads_it(monkeypatch, tmp_path, source, encoder):
    path = str(tmp_path / "fetched.weights.h5")
    source.save_weights(path)
    asked = []

    def fetch(file, url, cache_subdir, file_hash):
        asked.append((file, url, cache_subdir, file_hash))
        return path

    monkeypatch.setattr(keras.utils, "get_file", fetch)
    backbones.load_weights(encoder, QUICK, "imagenet")
    np.testing.assert_array_equal(encoder.get_weights()[0], source.get_weights()[0])
    (file, url, folder, md5), *_ = asked
    assert (file, folder) == ("weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5", "models")
    assert url.endswith("/mobilenet_v3/" + file)
    assert len(md5) == 32


def test_missing_foreign_or_misnamed_weights_are_refused(tmp_path, encoder):
    with pytest.raises(OSError, match="no such file"):
        backbones.load_weights(encoder, QUICK, str(tmp_path / "none.weights.h5"))
    (tmp_path / "weights.bin").write_bytes(b"")
    with pytest.raises(ValueError, match=r"ends in \.h5"):
        backbones.load_weights(encoder, QUICK, str(tmp_path / "weights.bin"))
    (tmp_path / "text.weights.h5").write_text("not HDF5")
    with pytest.raises(ValueError, match="expected weights of mobilenet_v3_small"):
        backbones.load_weights(encoder, QUICK, str(tmp_path / "text.weights.h5"))
    foreign = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    foreign.save_weights(str(tmp_path / "foreign.weights.h5"))
    with pytest.raises(ValueError, match="expected weights of mobilenet_v3_small"):
        backbones.load_weights(encoder, QUICK, str(tmp_path / "foreign.weights.h5"))
