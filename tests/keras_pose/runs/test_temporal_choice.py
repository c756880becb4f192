"""What `--pooling=auto` chose, in the configuration of a run."""

import os
import shutil

import pytest

from keras_pose import files, options
from keras_pose.runs import run_directory, temporal_choice, trained
from keras_pose.runs.config import TrainConfig
from tests.helpers.exported_runs import write_run

CHOICE = {"pooling": "sum", "window": 2, "window_seconds": 0.0, "frame_stride": 3, "flow": "none", "reason": "best"}


@pytest.fixture(scope="module")
def auto_run(tmp_path_factory):
    """Folder of a run of --pooling=auto that chose `CHOICE`."""
    _, config, path = write_run(
        tmp_path_factory.mktemp("runs") / "auto", model="flowing", window=2, frame_stride=3, pooling="sum", flow="none"
    )
    auto = config.replace(pooling="auto", window=5, frame_stride=0, flow="auto")
    options.write(auto, run_directory.RunDirectory(path).flags)
    files.write_json(temporal_choice.path_in(path), CHOICE)
    return path


def test_a_run_is_opened_with_its_choice_and_its_flags_keep_auto(auto_run):
    run, config, _ = run_directory.open_run(auto_run)
    window = config.window
    assert (window.pooling, window.offsets, window.flow) == ("sum", (-6, -3, 0, 3, 6), "none")
    assert "--pooling=auto\n" in files.read_text(run.flags)
    model, again, _ = trained.load_model(auto_run)
    assert again == config
    assert model.get_layer("heatmaps").kind == "sum"


def test_a_run_without_its_choice_is_refused_by_name(auto_run, tmp_path):
    path = str(tmp_path / "run")
    shutil.copytree(auto_run, path)
    os.remove(temporal_choice.path_in(path))
    with pytest.raises(ValueError, match="expected temporal_choice.json, which says what --pooling=auto chose"):
        run_directory.open_run(path)
    files.write_json(temporal_choice.path_in(path), {"pooling": "sum"})
    with pytest.raises(ValueError, match=r"temporal_choice\.json: expected a choice with pooling, window"):
        run_directory.open_run(path)


def test_only_auto_of_a_net_that_pools_is_open():
    assert temporal_choice.is_open(TrainConfig.from_flags(run_dir="x", model="flowing"))
    assert not temporal_choice.is_open(TrainConfig.from_flags(run_dir="x", model="flowing", pooling="sum"))
    assert not temporal_choice.is_open(TrainConfig.from_flags(run_dir="x"))
    config = TrainConfig.from_flags(run_dir="x", model="flowing", pooling="max")
    assert temporal_choice.resolve(config, "nowhere") is config
