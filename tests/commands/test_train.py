"""train.py as a user runs it: it learns, it resumes exactly, it refuses what is wrong and loses nothing."""

import json
import os
import re
import shutil
import signal
import time

import h5py
import keras
import numpy as np
import pytest

from keras_pose import files
from keras_pose.runs.config import TrainConfig
from keras_pose.training import runner
from tests.helpers import nets, tiny


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder and the output of an uninterrupted run."""
    run_dir = str(tmp_path_factory.mktemp("whole") / "run")
    code, output = tiny.run(tiny.arguments(run_dir))
    assert code == 0, output
    return run_dir, output


def h5_arrays(path):
    arrays = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: arrays.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return arrays


def test_a_run_leaves_all_its_files(whole):
    run_dir, output = whole
    for name in (
        "flags.txt",
        "skeleton.json",
        "split.json",
        "model.weights.h5",
        "eval/metrics.json",
        "eval/index.html",
    ):
        assert os.path.getsize(os.path.join(run_dir, name)) > 0, name
    assert sorted(os.listdir(os.path.join(run_dir, "checkpoints"))) == ["step-00000009.npz", "step-00000012.npz"]
    assert any("tfevents" in name for _, _, names in os.walk(os.path.join(run_dir, "logs")) for name in names)
    metrics = files.read_json(os.path.join(run_dir, "eval", "metrics.json"))
    assert metrics["num_frames"] == 8
    assert metrics["mean_error_px"] > 0
    for word in ("training: step 1/12", "step 12/12", "steps/s", "left", "peak", "mean error"):
        assert word in output


def test_errors_while_training_have_the_unit_of_those_at_the_end(whole):
    _, output = whole
    shown = [float(text) for text in re.findall(r"  error ([0-9.]+) px of the frame  ", output)]
    assert len(shown) == 4
    [final] = re.findall(
        r"^mean error ([0-9.]+) px of the frame \(95 % interval .*\) on 8 test frames", output, re.MULTILINE
    )
    assert min(shown) / 2 < float(final) < 2 * max(shown)
    assert "px of the input" not in output


@pytest.mark.slow
def test_without_a_test_set_the_best_validation_shows_the_final_error(tmp_path):
    run_dir = str(tmp_path / "run")
    changes = {"data": "signers:train:6", "test_data": "", "signer_size": 128, "steps": 4, "validate_every": 2}
    _, output = tiny.train(run_dir, **changes)
    shown = [float(text) for text in re.findall(r"  error ([0-9.]+) px of the frame  .*best so far", output)]
    [final] = re.findall(
        r"^mean error ([0-9.]+) px of the frame \(95 % interval .*, at least\) on 4 validation frames",
        output,
        re.MULTILINE,
    )
    assert float(final) == pytest.approx(shown[-1], rel=0.02)  # the frames are reduced in another order


@pytest.mark.parametrize(
    "flags", [nets.SMALL, pytest.param(nets.DEFAULT, marks=pytest.mark.slow)], ids=["small", "default"]
)
def test_a_killed_run_ends_like_one_that_was_not(whole, tmp_path, flags):
    run_dir = str(tmp_path / "run")
    tiny.kill_after_checkpoint(run_dir, 3, **flags)
    assert not os.path.exists(os.path.join(run_dir, "checkpoints", "step-00000012.npz")), "killed too late to tell"
    _, output = tiny.train(run_dir, **flags)
    assert "resuming at step" in output
    other_dir = whole[0]
    if flags != nets.SMALL:
        other_dir = str(tmp_path / "other")
        tiny.train(other_dir, **flags)
    tiny.assert_same_arrays(tiny.checkpoint_arrays(run_dir, 12), tiny.checkpoint_arrays(other_dir, 12))
    tiny.assert_same_arrays(*(h5_arrays(os.path.join(d, "model.weights.h5")) for d in (run_dir, other_dir)))
    scores = [files.read_json(os.path.join(d, "eval", "metrics.json"))["mean_error_px"] for d in (run_dir, other_dir)]
    assert scores[0] == scores[1]


def test_a_run_with_a_damaged_checkpoint_goes_on_from_the_one_before_to_the_same_weights(whole, tmp_path):
    run_dir = str(tmp_path / "run")
    shutil.copytree(whole[0], run_dir)
    newest = os.path.join(run_dir, "checkpoints", "step-00000012.npz")
    with open(newest, "r+b") as file:
        file.seek(os.path.getsize(newest) // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    _, output = tiny.train(run_dir)
    assert f"warning: {newest} is damaged (" in output
    assert "resuming at step 9 of 12" in output
    tiny.assert_same_arrays(tiny.checkpoint_arrays(run_dir, 12), tiny.checkpoint_arrays(whole[0], 12))
    tiny.assert_same_arrays(*(h5_arrays(os.path.join(d, "model.weights.h5")) for d in (run_dir, whole[0])))


def test_a_finished_run_is_not_trained_again(whole):
    run_dir, _ = whole
    before = tiny.checkpoint_arrays(run_dir, 12)
    _, output = tiny.train(run_dir)
    assert "mean error" in output
    tiny.assert_same_arrays(tiny.checkpoint_arrays(run_dir, 12), before)


@pytest.mark.slow
def test_its_flags_file_runs_it_again(whole, tmp_path):
    run_dir, _ = whole
    again = str(tmp_path / "again")
    flagfile = os.path.join(run_dir, "flags.txt")
    command = [*tiny.arguments(run_dir)[:2], f"--flagfile={flagfile}", f"--run_dir={again}"]
    code, output = tiny.run(command)
    assert code == 0, output
    tiny.assert_same_arrays(tiny.checkpoint_arrays(again, 12), tiny.checkpoint_arrays(run_dir, 12))


def test_another_configuration_in_its_folder_is_refused_and_nothing_changes(whole):
    run_dir, _ = whole
    before = tiny.checkpoint_arrays(run_dir, 12)
    code, output = tiny.run(tiny.arguments(run_dir, learning_rate=0.1))
    assert code != 0
    assert "holds a run of another configuration (--learning_rate=0.002 there, 0.1 now)" in output
    assert "Traceback" not in output
    tiny.assert_same_arrays(tiny.checkpoint_arrays(run_dir, 12), before)


@pytest.mark.slow
def test_a_run_that_began_before_a_flag_existed_resumes_and_may_log_more(whole, tmp_path):
    run_dir = str(tmp_path / "run")
    shutil.copytree(whole[0], run_dir)
    os.remove(os.path.join(run_dir, "checkpoints", "step-00000012.npz"))
    flagfile = os.path.join(run_dir, "flags.txt")
    with open(flagfile, encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith(("--metrics=", f"--run_dir={whole[0]}"))]
    with open(flagfile, "w", encoding="utf-8") as file:
        file.writelines([f"--run_dir={run_dir}\n", *lines])
    _, output = tiny.train(run_dir, metrics="median_error,auc")
    assert "resuming at step 9 of 12" in output
    resumed = tiny.checkpoint_arrays(run_dir, 12)
    expected = tiny.checkpoint_arrays(whole[0], 12)
    history = json.loads(str(resumed.pop("memory")))["history"]
    usual = json.loads(str(expected.pop("memory")))["history"]
    tiny.assert_same_arrays(resumed, expected)  # what is logged does not change what is learnt
    assert history[:3] == usual[:3]
    assert {name: history[3][name] for name in usual[3]} == pytest.approx(usual[3])
    added = set(history[3]) - set(usual[3])
    assert sorted(name.split("_", 1)[0] for name in added if name.startswith("val_")) == ["val", "val"]
    assert len(added) == 4


def test_an_unknown_metric_is_refused_before_tensorflow_loads(tmp_path):
    code, output = tiny.run(tiny.arguments(str(tmp_path / "run"), metrics="pck,oks"), TF_CPP_MIN_LOG_LEVEL="0")
    assert code == 1
    message = "train.py: --metrics: expected different names among median_error, pck, auc, received 'pck,oks'"
    assert output.strip() == message


def test_a_nan_stops_training_and_names_the_step(tmp_path):
    run_dir = str(tmp_path / "run")
    code, output = tiny.run(tiny.arguments(run_dir, learning_rate=1e30, clip_norm=0, optimizer="sgd", warmup_steps=0))
    assert code != 0
    assert "train.py: the loss of step " in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow)]
)
def test_interrupting_says_how_to_go_on(tmp_path, number, code):
    run_dir = str(tmp_path / "run")
    process = tiny.start(tiny.arguments(run_dir, steps=3000))
    while not os.path.exists(os.path.join(run_dir, "checkpoints", "step-00000003.npz")):
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.05)
    process.send_signal(number)
    output, _ = process.communicate(timeout=tiny.LIMIT_S)
    assert process.returncode == code
    assert "the same command resumes from the last checkpoint" in output
    assert "Traceback" not in output
    assert json.load(open(os.path.join(run_dir, "split.json")))["train"]  # noqa: SIM115


@pytest.mark.slow
def test_interrupting_a_validation_ends_at_once_and_keeps_the_last_checkpoint(tmp_path):
    run_dir = str(tmp_path / "run")
    changes = {"data": "signers:train:400", "test_data": "", "validation_fraction": 0.9, "validate_every": 1}
    process = tiny.start([*tiny.arguments(run_dir, **changes, batch_size=1)])
    for line in process.stdout:
        if "(best so far)" in line:  # the second step is short, its validation is not: 1440 frames, one by one
            break
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=tiny.LIMIT_S)
    assert process.returncode == 130, output
    assert "loss" not in output  # no other validation came to its end
    assert output.endswith("\ninterrupted; the same command resumes from the last checkpoint, step 1\n")
    assert os.listdir(os.path.join(run_dir, "checkpoints")) == ["step-00000001.npz"]
    assert len(tiny.checkpoint_arrays(run_dir, 1)) > 3


@pytest.mark.parametrize("seconds", [2.0, 5.0])
def test_interrupting_early_has_no_traceback(tmp_path, seconds):
    process = tiny.start(tiny.arguments(str(tmp_path / "run"), data="signers:train:400", steps=3000))
    time.sleep(seconds)  # while modules are imported, data is read, or the graph is built
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=tiny.LIMIT_S)
    assert process.returncode in (130, -signal.SIGINT), output
    assert "Traceback" not in output
    assert "interrupted" in output


def test_a_missing_source_is_named(tmp_path):
    code, output = tiny.run(tiny.arguments(str(tmp_path / "run"), data=str(tmp_path / "nothing"), test_data=""))
    assert code != 0
    assert "train.py:" in output
    assert "nothing: no such file or folder" in output
    assert not os.path.exists(tmp_path / "run" / "flags.txt")


@pytest.fixture
def full_precision():
    yield
    keras.mixed_precision.set_global_policy("float32")


def test_it_starts_from_another_run_in_16_bits_compiled_and_stops_early(whole, tmp_path, full_precision):
    start_dir = str(tmp_path / "start")
    run_dir = str(tmp_path / "run")
    shutil.copytree(whole[0], start_dir)
    changes = {"init_from": start_dir, "learning_rate": 0.0, "early_stopping": 1, "validate_every": 1}
    numerics = {"xla": True, "mixed_precision": "bfloat16"}
    config = TrainConfig.from_flags(**{**tiny.FLAGS, **changes, **numerics, "run_dir": run_dir})
    lines = []
    metrics = runner.train(config, lines.append)
    step = int(sorted(os.listdir(os.path.join(run_dir, "checkpoints")))[-1][5:13])
    memory = json.loads(str(tiny.checkpoint_arrays(run_dir, step)["memory"]))
    assert memory["keeper"]["waited"] == 1
    assert step == memory["keeper"]["best_step"] + 1 < 12
    assert keras.mixed_precision.global_policy().name == "float32"  # scored as any other process would
    start, kept = (h5_arrays(os.path.join(d, "model.weights.h5")) for d in (start_dir, run_dir))
    assert start.keys() == kept.keys()
    name = "layers/conv2d/vars/0"
    np.testing.assert_allclose(kept[name], start[name], rtol=1e-5, atol=1e-7)  # a rate of 0 learns nothing
    shutil.rmtree(start_dir)  # a run that goes on does not need it
    assert runner.train(config, lines.append)["mean_error_px"] == pytest.approx(metrics["mean_error_px"], rel=1e-6)
    after = lines[lines.index(f"resuming at step {step} of 12") + 1 :]
    assert not [line for line in after if line.startswith("step ")]  # nothing is left to train
    other = TrainConfig.from_flags(
        **{**tiny.FLAGS, "init_from": whole[0], "width": 0.5, "run_dir": str(tmp_path / "wide")}
    )
    message = "--init_from=.*: expected a run of the same net, received --width=0.125 there"
    with pytest.raises(ValueError, match=message):
        runner.train(other, lines.append)
    assert os.listdir(tmp_path / "wide") == []
