"""Published Caffe weights become a run that computes what Caffe computes, by OpenCV's reader of the same files."""

import cv2
import numpy as np
import pytest

import keras_pose
from keras_pose import skeleton
from keras_pose.caffe import importing
from keras_pose.caffe.config import ImportCaffeConfig
from keras_pose.inference import loading
from keras_pose.runs import run_directory, trained
from keras_pose.runs.config import TrainConfig
from keras_pose.training import initial_weights, preparation
from tests.helpers import caffe_files

SIZE_HW = (64, 96)  # small, so that most places are near a border


def import_files(folder, weights, old=False, **flags):
    model, text = caffe_files.write_net(folder, weights, old, size_hw=SIZE_HW)
    options = {"weights": model, "description": text, "run_dir": str(folder / "run"), "offset": "0", **flags}
    lines = []
    importing.import_caffe(ImportCaffeConfig(**options), lines.append)
    return options["run_dir"], model, text, lines


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    return import_files(tmp_path_factory.mktemp("caffe"), caffe_files.draw_weights())


def draw_frame(size_hw):
    return np.random.default_rng(1).integers(0, 256, (*size_hw, 3)).astype(np.float32)


@pytest.mark.skipif(not hasattr(cv2.dnn, "readNetFromCaffe"), reason="this OpenCV does not read Caffe's files")
@pytest.mark.parametrize("old", [False, True])
def test_maps_are_those_of_opencv_on_the_same_files(tmp_path, old):
    run, model, text, _ = import_files(tmp_path, caffe_files.draw_weights(), old)
    frame = draw_frame(SIZE_HW)
    net = cv2.dnn.readNetFromCaffe(text, model)
    net.setInput(frame.transpose(2, 0, 1)[None])  # RGB of 0 to 255, as the published data layer gives it
    last, first = (maps.transpose(0, 2, 3, 1) for maps in net.forward(["conv5_fusion", "relu_conv8"]))
    ours = trained.load_model(run)[0](frame[None])
    assert np.abs(last).max() > 1
    np.testing.assert_allclose(ours["heatmaps"], last, atol=1e-4)
    np.testing.assert_allclose(np.maximum(ours["trunk_heatmaps"], 0), first, atol=1e-4)


@pytest.mark.skipif(not hasattr(cv2.dnn, "readNetFromCaffe"), reason="this OpenCV does not read Caffe's files")
def test_a_net_without_fusion_layers_is_that_of_opencv(tmp_path):
    run, model, text, _ = import_files(tmp_path, caffe_files.draw_weights(fusion=False))
    frame = draw_frame(SIZE_HW)
    net = cv2.dnn.readNetFromCaffe(text, model)
    net.setInput(frame.transpose(2, 0, 1)[None])
    expected = net.forward("relu_conv8").transpose(0, 2, 3, 1)
    maps = trained.load_model(run)[0](frame[None])["heatmaps"]
    np.testing.assert_allclose(np.maximum(maps, 0), expected, atol=1e-4)


def test_both_forms_of_files_give_the_same_weights(tmp_path):
    nets = []
    for old in (False, True):
        folder = tmp_path / str(old)
        folder.mkdir()
        nets.append(trained.load_model(import_files(folder, caffe_files.draw_weights(), old)[0])[0].get_weights())
    for a, b in zip(*nets):
        np.testing.assert_array_equal(a, b)


def test_the_run_says_what_it_is(imported):
    run, model, _, lines = imported
    _, config, joints = run_directory.open_run(run)
    assert joints == skeleton.UPPER_BODY
    assert (config.model.preset, config.model.width, config.model.input_size_hw) == ("paper_caffe", 0.125, SIZE_HW)
    assert any("ReLU after conv8 is left out" in line for line in lines)
    assert "weights of TestNet" in lines[-1]
    assert not model.startswith(run)


def test_load_predicts_with_it(imported):
    model = keras_pose.load(imported[0])
    poses = model.predict([draw_frame(SIZE_HW).astype(np.uint8)])
    assert poses.joints.shape == (1, 7, 2)
    assert isinstance(model, loading.RunModel)


def test_a_training_starts_from_it(imported, tmp_path):
    flags = {"preset": "paper_caffe", "width": 0.125, "input_size": "64,96", "init_from": imported[0]}
    config = TrainConfig.from_flags(run_dir=str(tmp_path), **flags)
    net, _, joints = trained.load_model(imported[0])
    expected = [array.copy() for array in net.get_weights()]
    net.set_weights([np.zeros_like(array) for array in expected])
    initial_weights.load(net, imported[0], config, joints)
    np.testing.assert_array_equal(net.get_weights()[0], expected[0])
    with pytest.raises(ValueError, match="--preset=paper_caffe there, paper here"):
        preparation.check_start(imported[0], config.replace(preset="paper"), joints)


@pytest.mark.parametrize("baseline", [0, 1])
def test_offset_of_the_targets_is_measured_and_taken_from_the_maps(tmp_path, baseline):
    weights = caffe_files.draw_weights()
    for head in ("conv8", "conv5_fusion"):  # a net whose maps are the baseline nearly everywhere
        weights[head] = weights[head][0] * 1e-3, np.full(7, baseline, np.float32)
    run, *_, lines = import_files(tmp_path, weights, offset="auto")
    assert any(f"taken for {baseline} " in line for line in lines)
    maps = trained.load_model(run)[0](draw_frame(SIZE_HW)[None])
    assert abs(np.median(maps["heatmaps"])) < 0.05
    assert abs(np.median(maps["trunk_heatmaps"])) < 0.05


def test_an_offset_that_is_neither_is_asked_for(tmp_path):
    weights = caffe_files.draw_weights()
    weights["conv5_fusion"] = weights["conv5_fusion"][0] * 1e-3, np.full(7, 0.5, np.float32)
    with pytest.raises(ValueError, match=r"--offset: expected .* about 0 or 1, measured 0.5"):
        import_files(tmp_path, weights, offset="auto")
    assert not (tmp_path / "run" / "model.weights.h5").exists()


def test_other_joints_need_names(tmp_path):
    weights = caffe_files.draw_weights(joints=2)
    with pytest.raises(ValueError, match=r"--joints: expected 2 names, one for each map of .*received 7: head"):
        import_files(tmp_path, weights)
    run, *_ = import_files(tmp_path, weights, joints="left_wrist,right_wrist", run_dir=str(tmp_path / "two"))
    found = run_directory.open_run(run)[2]
    assert found.joints == ("left_wrist", "right_wrist")
    assert found.flip_pairs == (("left_wrist", "right_wrist"),)


def test_a_run_is_not_written_over(imported, tmp_path):
    with pytest.raises(ValueError, match=r"--run_dir: expected a new folder, received .* which holds a run"):
        import_files(tmp_path, caffe_files.draw_weights(), run_dir=imported[0])


def test_a_description_of_other_widths_is_refused(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    _, text = caffe_files.write_net(other, caffe_files.draw_weights(divisor=16))
    with pytest.raises(ValueError, match=r"net.prototxt: layer conv1: it has 8 outputs, its weights in .*model 16"):
        import_files(tmp_path, caffe_files.draw_weights(), description=text)
