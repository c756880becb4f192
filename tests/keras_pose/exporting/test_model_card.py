"""The model card: what it says about each kind of net."""

import datetime
import json

import keras
import pytest
import tensorflow as tf

from keras_pose import skeleton
from keras_pose.exporting import model_card
from keras_pose.exporting.config import ExportConfig
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory

FLOWING = {"model": "flowing", "window": 2, "frame_stride": 3, "pooling": "sum"}
KEYS = [
    *("name", "version", "created", "model", "skeleton", "joints", "input_size_hw", "precision", "signatures"),
    *("training", "metrics", "meaning", "limits", "made_with"),
]


def describe(run_dir, **flags):
    return model_card.describe_model(
        TrainConfig.from_flags(run_dir=str(run_dir), input_size="64,96", **flags),
        ExportConfig(run_dir=str(run_dir), model_name="arms", precision="bfloat16"),
        RunDirectory(str(run_dir)),
        skeleton.UPPER_BODY,
        7,
        ["serving_default", "describe"],
    )


def test_it_states_the_export(tmp_path):
    card = describe(tmp_path)
    assert list(card) == KEYS
    assert (card["name"], card["version"], card["model"], card["precision"]) == ("arms", 7, "heatmap", "bfloat16")
    assert (card["skeleton"], card["joints"]) == (skeleton.UPPER_BODY.name, list(skeleton.UPPER_BODY.joints))
    assert card["input_size_hw"] == [64, 96]
    assert card["signatures"] == ["describe", "serving_default"]
    assert card["made_with"] == {"tensorflow": tf.__version__, "keras": keras.__version__}
    age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(card["created"])
    assert datetime.timedelta(seconds=-1) <= age < datetime.timedelta(minutes=5)
    assert json.loads(json.dumps(card)) == card


def test_flags_of_windows_are_those_of_nets_that_pool(tmp_path):
    alone = describe(tmp_path)["training"]
    flowing = describe(tmp_path, **FLOWING)["training"]
    assert alone["input_size"] == "64,96"
    assert set(flowing) - set(alone) == {"window", "frame_stride", "pooling", "flow"}
    assert (flowing["window"], flowing["frame_stride"], flowing["pooling"]) == (2, 3, "sum")


def test_scores_are_explained_for_each_kind_of_net(tmp_path):
    heatmap = describe(tmp_path)["meaning"]
    coordinate = describe(tmp_path, model="coordinate")["meaning"]
    assert set(heatmap) == set(coordinate) == {"keypoints", "valid", "scores"}
    assert "uncalibrated confidence score" in heatmap["scores"]
    assert "no confidence score" in coordinate["scores"]


def test_limits_state_the_reach_of_the_window_and_the_flow(tmp_path):
    alone = describe(tmp_path)["limits"]
    assert alone[0] == "images are JPEG or PNG of at most 64000000 px; the EXIF orientation tag is ignored"
    flowing = {flow: describe(tmp_path, **FLOWING, flow=flow)["limits"] for flow in ("in_graph", "none", "dis_fast")}
    assert flowing["in_graph"] == flowing["none"]
    assert flowing["none"][:-1] == alone
    assert "up to 6 frames before and after" in flowing["none"][-1]
    assert flowing["dis_fast"][:-1] == flowing["none"]
    assert "training used dis_fast" in flowing["dis_fast"][-1]


@pytest.mark.parametrize("evaluated", [False, True])
def test_scores_of_the_run_are_copied_if_it_was_evaluated(tmp_path, evaluated):
    expected = {}
    if evaluated:
        expected = {"mean_error_px": 2.5, "accuracy_px": {"5": 0.9}}
        (tmp_path / "eval").mkdir()
        (tmp_path / "eval" / "metrics.json").write_text(json.dumps({**expected, "per_joint": [1, 2]}))
    assert describe(tmp_path)["metrics"] == expected
