"""Speed of the nets on this machine's CPU or GPU: `python -m benchmarks.lite_speed [--quick] [--json=<file>]`.

Forward: batch 1, 256×256, float32, in a `tf.function`, heatmaps read back, nothing else (no video decoding, no flow).
Training: one Adam step, batch 32, 128×128: forward, gradients and update. `--quick` skips the paper net.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.common import harness
from benchmarks.common.rows import Row, Spread
from benchmarks.common.timing import time_in_turn
from keras_pose.models import factory

JOINTS = 7
FORWARD_SIZE_HW = (256, 256)
TRAIN_SIZE_HW = (128, 128)
TRAIN_BATCH = 32
NETS: dict[str, dict[str, Any]] = {"lite": {"fusion": True}, "lite without fusion": {"fusion": False}}


def make_frames(batch: int, size_hw: tuple[int, int]) -> tf.Tensor:
    """Returns noise, float32 [batch, H, W, 3], 0..255."""
    rng = np.random.default_rng(0)
    return tf.constant(rng.uniform(0, 255, (batch, *size_hw, 3)).astype(np.float32))


def make_forward(model: keras.Model) -> Callable[[], np.ndarray]:
    """Returns a function that predicts the heatmaps of one frame and reads them back."""
    frames = make_frames(1, FORWARD_SIZE_HW)

    @tf.function(input_signature=[tf.TensorSpec.from_tensor(frames)])
    def predict(tensor):
        return model(tensor, training=False)["heatmaps"]

    return lambda: predict(frames).numpy()


def make_training_step(model: keras.Model) -> Callable[[], np.ndarray]:
    """Returns a function that runs one Adam step on noise and reads the loss back."""
    optimizer = keras.optimizers.Adam(1e-4)
    optimizer.build(model.trainable_variables)
    frames = make_frames(TRAIN_BATCH, TRAIN_SIZE_HW)

    @tf.function(input_signature=[tf.TensorSpec.from_tensor(frames)])
    def step(tensor):
        with tf.GradientTape() as tape:
            # With zero targets, the heads would stay at zero, where they begin, and all other gradients would be 0.
            maps = model(tensor, training=True).values()
            loss = tf.add_n([tf.reduce_mean(tf.square(m - 1.0)) for m in maps])
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        return loss

    return lambda: step(frames).numpy()


def forward_rows(models: Mapping[str, keras.Model], repeats: int) -> list[Row]:
    """Returns rows of the frames a second of each net; the lite preset has a target."""
    timings = time_in_turn({name: make_forward(model) for name, model in models.items()}, repeats, calls=5)
    rows = []
    for name, seconds in timings.samples.items():
        target = ">= 40" if name == "lite" else None
        speed = Spread.from_samples(1 / seconds)
        rows.append(speed.to_row(f"{name}, forward, batch 1, 256 px", "frames/s", target=target))
    return rows


def training_rows(models: Mapping[str, keras.Model], repeats: int) -> list[Row]:
    """Returns rows of the seconds of a training step of each net."""
    timings = time_in_turn({name: make_training_step(model) for name, model in models.items()}, repeats)
    return [timings[name].to_row(f"{name}, training step, batch 32, 128 px", "s") for name in models]


def paper_rows(repeats: int) -> list[Row]:
    """Returns the row of the seconds a frame of the published net, which is made for GPUs."""
    model = factory.build_model("heatmap", "paper", JOINTS)
    timings = time_in_turn({"paper": make_forward(model)}, repeats, warmup=1)
    return [timings["paper"].to_row("paper, forward, batch 1, 256 px", "s")]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = harness.parse_arguments("Speed of forward passes and training steps of the nets.", argv)
    repeats = 10 if arguments.quick else 40
    keras.utils.set_random_seed(0)
    models = {
        name: factory.build_model("heatmap", "lite", JOINTS, (None, None), **options) for name, options in NETS.items()
    }
    rows = [Row(f"{name}, weights", model.count_params(), "weights") for name, model in models.items()]
    rows += forward_rows(models, repeats) + training_rows(models, max(repeats // 2, 5))
    if not arguments.quick:
        rows += paper_rows(5)
    harness.report("lite_speed", rows, arguments)


if __name__ == "__main__":
    main()
