"""The trainer: it learns, keeps weights, and logs what --metrics asks for."""

import glob
import json
import os

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data.augment import NO_MIRRORING
from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip
from keras_pose.data.samples import Samples
from keras_pose.data.selection import DataSplit
from keras_pose.runs import run_directory, trained
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from keras_pose.training import runner, strategy, targets, trainer
from tests.helpers import disc_clips, nets, tiny

DISCS = Skeleton("discs", disc_clips.JOINTS, colors=disc_clips.COLORS)
METRICS = ("median_error", "pck")


def draw_samples(count, seed):
    """Samples of red and blue discs in random places."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(4, disc_clips.SIZE - 5, (count, 2, 2)).astype(np.float32)
    frames = np.stack([disc_clips.draw_frame(p, rng) for p in points])
    clip = Clip(f"discs-{seed}", ArrayFrames(frames), np.arange(count), points, np.full((count, 2), VISIBLE))
    return Samples([clip], (disc_clips.SIZE, disc_clips.SIZE))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a trained run, and the lines that it showed."""
    config = TrainConfig.from_flags(
        run_dir=str(tmp_path_factory.mktemp("discs")),
        width=0.25,
        input_size=str(disc_clips.SIZE),
        steps=120,
        validate_every=40,
        batch_size=16,
        learning_rate=5e-3,
        warmup_steps=10,
        ema=0.9,
        metrics=",".join(METRICS),
        **dict.fromkeys(("aug_scale", "aug_stretch", "aug_rotation", "aug_shift", "aug_color", "aug_noise"), 0.0),
    )
    lines = []
    strategy.set_numerics(0, "none")
    folder = run_directory.prepare(config)
    run_directory.begin(folder, config, DISCS, DataSplit([], [], []))
    model = runner.build(config, DISCS)
    samples = draw_samples(480, 0)
    held_out = draw_samples(64, 1)
    devices = strategy.make_strategy("1")
    trainer.Trainer(folder, config, model, devices, samples, held_out, NO_MIRRORING, DISCS, lines.append).fit()
    return folder, lines


def read_history(folder):
    return json.loads(str(tiny.checkpoint_arrays(folder.path, 120)["memory"]))["history"]


def pick(record, metric):
    """Returns the value of a metric on the validation frames; the stacks put the output's name into the log or not."""
    (value,) = (v for name, v in record.items() if name in (f"val_{metric}", f"val_heatmaps_{metric}"))
    return value


def test_the_first_step_of_a_net_with_several_losses_is_traced_once(monkeypatch, tmp_path):
    config = TrainConfig.from_flags(run_dir=str(tmp_path), input_size="32", **nets.SMALL_FUSED)
    model = runner.build(config, DISCS)
    trainer.compile_model(model, config.optimisation, config.loss)
    traced = []
    step = model.train_step
    monkeypatch.setattr(model, "train_step", lambda data: traced.append(data) or step(data))
    frames = np.zeros([2, 32, 32, 3], np.float32)
    joints = dict.fromkeys(model.output_names, np.zeros([2, 2, 3], np.float32))
    model.fit(tf.data.Dataset.from_tensors((frames, joints)).repeat(2), verbose=0)
    assert len(model.output_names) > 1
    assert len(traced) == 1


def test_it_learns_to_find_the_joints(run):
    history = read_history(run[0])
    errors = [pick(record, "mean_error") for record in history]
    assert [record["step"] for record in history] == [40, 80, 120]
    assert errors[-1] < 0.5 * errors[0]
    assert errors[-1] < 4  # px of 32; 13 if it guesses the middle


def test_the_kept_weights_give_the_figures_of_their_validation(run):
    folder, lines = run
    history = read_history(folder)
    kept = history[-1]  # all held-out frames are of one group, so nothing is significantly worse
    model = trained.load_model(folder.path)[0]
    (metrics,) = targets.make_metrics(model, METRICS).values()
    samples = draw_samples(64, 1)
    held_out = samples.read_batch(range(64))
    scales = np.broadcast_to(samples.frame_scales(range(64))[:, None, None], held_out["targets"][..., :1].shape)
    maps = model.predict(held_out["frames"][:, 0].astype(np.float32), verbose=0)["heatmaps"]
    for metric in metrics:
        metric.update_state(np.concatenate([held_out["targets"], scales], -1), maps)
        assert float(metric.result()) == pytest.approx(pick(kept, metric.name), rel=0.01, abs=0.01)
    assert pick(kept, "mean_error_of_groups") == pytest.approx(pick(kept, "mean_error"), rel=1e-4)
    best = min(history, key=lambda record: pick(record, "mean_error"))
    told_apart = "" if best is kept else f", which validation cannot tell from the best of step {best['step']}"
    assert lines[-1].endswith(f"kept the weights of step 120{told_apart}")


def test_further_metrics_are_in_the_logs_of_tensorboard(run):
    tags = set()
    for path in glob.glob(os.path.join(run[0].logs, "validation", "*tfevents*")):
        for record in tf.data.TFRecordDataset(path):
            event = tf.compat.v1.Event.FromString(record.numpy())
            tags |= {value.tag for value in event.summary.value}
    for metric in METRICS:
        assert [tag for tag in tags if tag.startswith("epoch_") and tag.endswith(metric)], tags


def test_a_finished_training_does_nothing(run):
    folder, _ = run
    before = tiny.checkpoint_arrays(folder.path, 120)
    _, config, skeleton = run_directory.open_run(folder.path)
    lines = []
    model = runner.build(config, skeleton)
    held_out = draw_samples(64, 1)
    devices = strategy.make_strategy("1")
    trainer.Trainer(folder, config, model, devices, held_out, held_out, NO_MIRRORING, skeleton, lines.append).fit()
    assert lines == ["resuming at step 120 of 120"]
    tiny.assert_same_arrays(tiny.checkpoint_arrays(folder.path, 120), before)
