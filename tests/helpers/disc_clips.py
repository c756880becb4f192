"""Simple clips that a narrow net learns in seconds: a red and a blue disc in front of noise."""

from __future__ import annotations

import os
import pathlib

import numpy as np

SIZE = 32  # px, height and width
JOINTS = ("red", "blue")
COLORS = ((225, 50, 40), (40, 70, 225))
GESTURES = {"red_up": (-1, 0), "red_down": (1, 0), "blue_up": (0, -1), "blue_down": (0, 1)}


def draw_frame(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws uint8 [SIZE, SIZE, 3]: discs at float [2, 2], (x, y) in px, in front of dim noise of a random shade."""
    y, x = np.mgrid[:SIZE, :SIZE]
    frame = rng.uniform(20, 160) + rng.normal(0, 12, (SIZE, SIZE, 3))
    for color, (center_x, center_y) in zip(COLORS, points):
        frame[(x - center_x) ** 2 + (y - center_y) ** 2 <= 9] = color
    return np.clip(frame, 0, 255).astype(np.uint8)


def draw_clip(gesture: str, rng: np.random.Generator, num_frames: int = 6) -> np.ndarray:
    """Draws uint8 [T, SIZE, SIZE, 3]: one disc moves 8 px up or down, the other stays; their places are random."""
    middle = rng.uniform((4, 9), (SIZE - 5, SIZE - 10), (2, 2))
    shift = np.linspace(-4, 4, num_frames)
    moves = [np.stack([0 * shift, sign * shift], -1) for sign in GESTURES[gesture]]
    points = np.stack(moves, 1) + middle  # [T, 2, 2]
    return np.stack([draw_frame(p, rng) for p in points])


def write_clips(folder: str | os.PathLike[str], count: int, seed: int) -> str:
    """Writes `count` clips of each gesture as .npz, and labels.csv; returns the folder as a string."""
    rng = np.random.default_rng(seed)
    rows = ["file,label"]
    os.makedirs(folder, exist_ok=True)
    for number in range(count):
        for gesture in GESTURES:
            np.savez(os.path.join(folder, f"{gesture}-{number}.npz"), frames=draw_clip(gesture, rng))
            rows.append(f"{gesture}-{number}.npz,{gesture}")
    with open(os.path.join(folder, "labels.csv"), "w", encoding="utf-8") as file:
        file.write("\n".join(rows) + "\n")
    return str(folder)


def train_pose_net(folder: pathlib.Path, steps: int = 200, batch_size: int = 16) -> str:
    """Trains a narrow heatmap net to find the discs, and exports it. Takes about 20 s.

    Args:
      folder: folder for the run and the export.
      steps: number of training steps.
      batch_size: frames per step; each frame is used once.

    Returns:
      The folder of the exported version.
    """
    import keras

    from keras_pose import skeleton
    from keras_pose.data.selection import DataSplit
    from keras_pose.exporting import exporter
    from keras_pose.exporting.config import ExportConfig
    from keras_pose.models import factory
    from keras_pose.runs import config, run_directory
    from keras_pose.training import targets

    rng = np.random.default_rng(0)
    points = rng.uniform(4, SIZE - 5, (steps * batch_size, len(JOINTS), 2)).astype(np.float32)
    frames = np.stack([draw_frame(p, rng) for p in points]).astype(np.float32)
    joints = np.concatenate([points, np.ones_like(points[..., :1])], -1)

    settings = config.TrainConfig.from_flags(run_dir=str(folder / "run"), width=0.25, input_size=str(SIZE))
    keras.utils.set_random_seed(0)
    model = factory.build_net(settings.model, settings.window, len(JOINTS))
    rate = keras.optimizers.schedules.CosineDecay(5e-3, steps)
    model.compile(keras.optimizers.Adam(rate), loss=targets.make_losses(settings.loss, model))
    model.fit(frames, dict.fromkeys(model.output_names, joints), batch_size=batch_size, verbose=0)

    run = run_directory.RunDirectory(settings.run_dir)
    os.makedirs(run.path)
    run_directory.begin(run, settings, skeleton.Skeleton("discs", JOINTS, colors=COLORS), DataSplit([], [], []))
    model.save_weights(run.weights)
    return exporter.export(ExportConfig(run_dir=run.path), echo=lambda line: None)
