"""Trains and runs `lite`, or a design of `keras_designs`, with this project's pipeline, in a process of its own.

    python -m benchmarks.peers.run_keras <job.json>

Jobs are those of `peer_job`, with `net` and, to train, `flags` (of `train.py`). The number of steps must be known
before the first step (the learning rate falls along a cosine), so some steps are timed first, in CPU time; this is
outside the budget. The plan is kept in `<run_dir>.plan.json`: a run that is started again resumes.

All is as `train.py` does it: batches, augmentation, losses, schedule, averaged weights, weights kept by validation. The
flags that a design's run keeps name the preset lite, in whose place the design stands.

TensorFlow has the threads that TF_NUM_INTRAOP_THREADS and TF_NUM_INTEROP_THREADS say. To predict, `engine` says what
runs the net: "tensorflow" (default) or "tflite" (`inference.lite_net`, one frame after the other).
"""

from __future__ import annotations

import os
import time
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.common import training_steps
from benchmarks.peers import peer_job
from benchmarks.peers.keras_designs import DESIGNS
from keras_pose import files
from keras_pose.data import mirroring
from keras_pose.data.samples import Samples
from keras_pose.inference import loading
from keras_pose.inference.lite_net import LiteNet
from keras_pose.models import factory
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import checkpoint_files, run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.training import preparation, strategy, trainer

OURS = "lite"
NETS = (OURS, *DESIGNS)
ENGINES = ("tensorflow", "tflite")
_SETTLE = 4
_TIMED = 12
_VALIDATIONS = 8  # of a training


def build(net: str, config: TrainConfig, num_joints: int) -> keras.Model:
    """Builds a net of `NETS` with new weights.

    Raises:
      ValueError: for another name.
    """
    if net not in NETS:
        raise ValueError(f"net: expected one of {', '.join(NETS)}, received {net!r}")
    if net == OURS:
        return factory.build_net(config.model, config.window, num_joints, sigma_px=config.loss.sigma_px)
    return DESIGNS[net](num_joints, config.model.input_size_hw)


def plan_steps(cpu_minutes: float, seconds_per_step: float) -> int:
    """Returns how many steps fit into a CPU time: a multiple of the number of validations, at least one for each."""
    return max(1, int(60 * cpu_minutes / seconds_per_step / _VALIDATIONS)) * _VALIDATIONS


def train(job: peer_job.Job) -> dict[str, Any]:
    """Trains as a job says, or resumes it.

    Raises:
      ValueError: for flags or data that do not fit.
    """
    config = TrainConfig.from_flags(**job["flags"], run_dir=job["run_dir"])
    plan_file = f"{os.path.normpath(job['run_dir'])}.plan.json"
    if not os.path.exists(plan_file):
        seconds = _measure_step(job["net"], config)
        files.write_json(plan_file, {"steps": plan_steps(job["cpu_minutes"], seconds), "seconds_per_step": seconds})
        keras.backend.clear_session()
    steps = files.read_json(plan_file)["steps"]
    config = config.replace(steps=steps, validate_every=steps // _VALIDATIONS, warmup_steps=min(50, steps // 10))
    with preparation.prepare(config) as prepared:
        return _fit(job["net"], prepared)


def _fit(net, prepared):
    run, config, split, skeleton = prepared.run, prepared.config, prepared.split, prepared.source.skeleton
    resumed = checkpoint_files.newest_step(run.checkpoints) > 0
    strategy.set_numerics(config.optimisation.seed, config.device.mixed_precision)
    devices = strategy.make_strategy(config.device.devices)
    clock = peer_job.Clock(0.0)
    with devices.scope():
        model = build(net, config, skeleton.num_joints)
    run_directory.begin(run, config, skeleton, split)
    window = (config.model.input_size_hw, config.offsets, config.data.cache)
    samples = Samples(split.train, *window, config.loss.hidden_weight)
    held_out = Samples(split.validation, *window)
    mirrored = mirroring.decide_mirroring(config.augmentation, skeleton)
    trainer.Trainer(run, config, model, devices, samples, held_out, mirrored, skeleton).fit()
    return {
        "cpu_seconds": clock.seconds,
        "steps": config.optimisation.steps,
        "whole": not resumed,  # whether the CPU time covers all of it
        "weights": model.count_params(),
        "versions": {"tensorflow": tf.__version__},
    }


def _measure_step(net, config):
    """CPU seconds of a training step."""
    with preparation.prepare(config) as prepared:
        skeleton = prepared.source.skeleton
        samples = Samples(prepared.split.train, config.model.input_size_hw, config.offsets, config.data.cache)
    strategy.set_numerics(config.optimisation.seed, config.device.mixed_precision)
    model = build(net, config, skeleton.num_joints)
    trainer.compile_model(model, config.optimisation, config.loss)
    mirrored = mirroring.decide_mirroring(config.augmentation, skeleton)
    batches = training_steps.open_batches(model, samples, config, mirrored)
    for step in range(_SETTLE + _TIMED):
        if step == _SETTLE:
            began = time.process_time()
        inputs, targets = next(batches)
        model.train_on_batch(inputs, targets, return_dict=True)
    return (time.process_time() - began) / _TIMED


def open_predict(job: peer_job.Job) -> peer_job.Predict:
    """Loads the weights of a run.

    Raises:
      ValueError: for another engine or net.
    """
    engine = job.get("engine", ENGINES[0])
    if engine not in ENGINES:
        raise ValueError(f"engine: expected one of {', '.join(ENGINES)}, received {engine!r}")
    run, config, skeleton = run_directory.open_run(job["run_dir"])
    model = build(job["net"], config, skeleton.num_joints)
    model.load_weights(run.weights)
    lite = LiteNet(PoseNet(model)) if engine == ENGINES[1] else None
    predictor = loading.make_predictor(model, config, skeleton, lite=lite)

    def predict(frames: np.ndarray) -> np.ndarray:
        points, scores = predictor.predict(frames)
        return np.concatenate([points, scores[..., None]], -1)

    return predict


if __name__ == "__main__":
    peer_job.run("keras_pose", train, open_predict)
