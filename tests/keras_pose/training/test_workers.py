"""Several machines: who takes part, what is refused, and two workers that learn what one process learns.

Weights differ from those of one process by rounding only: gradients are sums over both halves of a batch, in another
order, and batch norms compute a variance as the mean of squares minus the square of the mean. Adam divides gradients by
their size, so that weights with tiny gradients differ most. The moving variances of batch norms, which a validation
uses, differ by N/(N − 1) for N numbers of a channel: one process computes them without bias, several do not. With two
workers a sum has one order: a run that was killed ends with the same bits as one that was not.
"""

import importlib.metadata
import json
import os
import signal
import time

import numpy as np
import pytest

from keras_pose import files
from keras_pose.runs.config import TrainConfig
from keras_pose.training import workers
from tests.helpers import nets, tiny, two_workers

CLASSIC = importlib.metadata.version("keras").startswith("2.")
classic_only = pytest.mark.skipif(not CLASSIC, reason="Keras 3 has no training on several machines")
PAPER = {"preset": "paper", "width": 0.1, "steps": 2, "validate_every": 1, "warmup_steps": 1, "snapshots": 0}


def config_of(cluster, kind="worker", index=0):
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


@pytest.mark.parametrize("text", ["", config_of({"worker": ["a:1"]}), "{}", config_of({"chief": ["a:1"]}, "chief")])
def test_a_process_without_others_trains_alone(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    assert workers.find() is None
    assert workers.is_chief()


def test_the_chief_comes_first(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config_of({"worker": ["b:1", "c:1"], "chief": ["a:1"]}, "worker", 1))
    assert workers.find() == workers.Worker(2, 3)
    assert not workers.is_chief()
    monkeypatch.setenv("TF_CONFIG", config_of({"worker": ["b:1", "c:1"]}))
    assert workers.find() == workers.Worker(0, 2)
    assert workers.is_chief()


@pytest.mark.parametrize(
    "text",
    [
        "worker 1",
        "[]",
        config_of({"worker": ["a:1", "b:1"]}, index=2),
        config_of({"worker": ["a:1"], "ps": ["b:1"]}),
        json.dumps({"cluster": {"worker": ["a:1", "b:1"]}}),
    ],
)
def test_what_names_no_worker_is_refused(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ValueError, match=r"TF_CONFIG: expected .*\"cluster\".*, received "):
        workers.find()


@classic_only
@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"devices": "1"}, "--devices: expected auto, because TF_CONFIG names 2 workers, received 1"),
        ({"batch_size": 5}, "--batch_size: expected a multiple of 2, because TF_CONFIG names 2 workers, received 5"),
        ({"model": "flowing", "init_from": "run"}, "--pooling=auto: expected the name of a kind, because TF_CONFIG"),
        ({"unlabelled": "neighbours"}, "--unlabelled: expected nothing, because TF_CONFIG names 2 workers"),
    ],
)
def test_what_workers_cannot_share_is_refused(flags, message):
    config = TrainConfig.from_flags(**{**tiny.FLAGS, "run_dir": "run", **flags})
    with pytest.raises(ValueError, match=message):
        workers.check(config, workers.Worker(1, 2))


@pytest.mark.skipif(CLASSIC, reason="the classic stack can")
def test_keras_3_names_the_ways_that_are_open(tmp_path):
    environment = {"TF_CONFIG": config_of({"worker": ["127.0.0.1:1", "127.0.0.1:2"]})}
    code, output = tiny.run(tiny.arguments(str(tmp_path / "run")), **environment)
    assert code == 1
    assert "train.py: TF_CONFIG names 2 workers, which needs the classic stack" in output
    assert "or unset TF_CONFIG and train on one machine, whose GPUs --devices counts" in output
    assert not (tmp_path / "run").exists()


def assert_close(there, here, left_out=()):
    """Checks that weights and figures of two checkpoints differ by rounding only, but for some positions of weights."""
    assert there.keys() == here.keys()
    learnt = [name for name in there if name.startswith("weight_") and int(name[len("weight_") :]) not in left_out]
    for name in ["step", *learnt]:
        np.testing.assert_allclose(there[name], here[name], rtol=2e-3, atol=2e-5, err_msg=name)
    histories = [json.loads(str(each["memory"]))["history"] for each in (there, here)]
    for record, other in zip(*histories):
        for figure in record:
            if not (left_out and figure.startswith("val_")):
                assert record[figure] == pytest.approx(other[figure], rel=1e-4), figure


@classic_only
def test_two_workers_learn_what_one_process_does_and_the_first_writes(tmp_path):
    alone, together = str(tmp_path / "alone"), str(tmp_path / "together")
    processes = two_workers.start(together, **PAPER)
    tiny.train(alone, **PAPER)
    (first, chief_output), (second, other_output) = two_workers.finish(processes)
    assert (first, second) == (0, 0), chief_output + other_output
    assert_close(tiny.checkpoint_arrays(together, 2), tiny.checkpoint_arrays(alone, 2))
    names = [sorted(name for name in os.listdir(path)) for path in (together, alone)]
    assert names[0] == names[1]
    errors = [files.read_json(os.path.join(path, "eval/metrics.json"))["mean_error_px"] for path in (together, alone)]
    assert errors[0] == pytest.approx(errors[1], rel=1e-3)
    assert "mean error" in chief_output
    assert "mean error" not in other_output
    assert f"the first worker writes {together} and evaluates" in other_output


@pytest.mark.slow  # two processes build a net with many batch norms: a minute on two cores
@classic_only
def test_batch_norms_of_two_workers_use_the_whole_batch(tmp_path):
    # Adam makes whole steps of rounding.
    changes = {**nets.DEFAULT, "steps": 4, "validate_every": 2, "optimizer": "sgd"}
    alone, together = str(tmp_path / "alone"), str(tmp_path / "together")
    outcomes = two_workers.finish(two_workers.start(together, **changes))
    assert [code for code, _ in outcomes] == [0, 0], outcomes
    tiny.train(alone, **changes)
    net = tiny.build_net(7, input_size="32", **nets.DEFAULT)
    variances = [place for place, weight in enumerate(net.weights) if "moving_variance" in weight.name]
    assert len(variances) > 10
    assert_close(tiny.checkpoint_arrays(together, 4), tiny.checkpoint_arrays(alone, 4), variances)


@pytest.mark.slow  # three runs of two processes, nearly two minutes
@classic_only
@pytest.mark.parametrize(("lost", "number", "code"), [(1, signal.SIGKILL, -signal.SIGKILL), (0, signal.SIGTERM, 143)])
def test_a_worker_that_is_stopped_and_started_again_changes_nothing(tmp_path, lost, number, code):
    changes = {**PAPER, "steps": 6}
    whole, broken = (str(tmp_path / name) for name in ("whole", "broken"))
    assert [code for code, _ in two_workers.finish(two_workers.start(whole, **changes))] == [0, 0]
    processes = two_workers.start(broken, **changes)
    checkpoint = os.path.join(broken, "checkpoints", "step-00000001.npz")
    while not os.path.exists(checkpoint):
        assert processes[0].poll() is None, processes[0].communicate()
        time.sleep(0.02)
    processes[lost].send_signal(number)
    outcomes = two_workers.finish(processes)
    assert outcomes[lost][0] == code, outcomes[lost][1]
    assert ("interrupted; the same command resumes" in outcomes[lost][1]) == (number == signal.SIGTERM)
    assert outcomes[1 - lost][0] == workers.START_AGAIN, outcomes[1 - lost][1]
    assert "another worker is lost" in outcomes[1 - lost][1]
    assert not os.path.exists(os.path.join(broken, "checkpoints", "step-00000006.npz")), "killed too late to tell"
    outcomes = two_workers.finish(two_workers.start(broken, **changes))
    assert [code for code, _ in outcomes] == [0, 0], outcomes
    assert all("resuming at step" in output for _, output in outcomes)
    tiny.assert_same_arrays(tiny.checkpoint_arrays(broken, 6), tiny.checkpoint_arrays(whole, 6))
