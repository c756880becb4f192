"""Rendering heatmaps in the graph against NumPy: `python -m benchmarks.heatmaps [--quick] [--json=<file>]`.

64×64 maps of 7 joints, batch 32, sigma 1.5. The graph uses all cores; NumPy uses one, like a data pipeline that renders
in Python. All NumPy versions return the same maps, which is checked before timing:

- double loop: loops over rows and columns, all examples and joints at once;
- map by map: loops over examples and joints, one exponential over each map;
- dense: one exponential over the grid [B, h, w, J], float32, in place;
- separable: the factorisation that the graph uses, float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.common.timing import time_in_turn
from keras_pose.heatmaps import decode_argmax, decode_subpixel, input_to_heatmap, render_heatmaps

BATCH = 32
JOINTS = 7
SIZE_HW = (64, 64)
STRIDE = 4
SIGMA_PX = 1.5
CALLS = 5  # in one turn


def render_double_loop(targets: np.ndarray) -> np.ndarray:
    """Renders float32 [B, J, 3] as float32 [B, h, w, J], pixel by pixel."""
    height, width = SIZE_HW
    maps = np.zeros((len(targets), height, width, targets.shape[1]), np.float32)
    points = input_to_heatmap(targets[..., :2], STRIDE)
    labelled = targets[..., 2] > 0
    for row in range(height):
        for column in range(width):
            squared = (column - points[..., 0]) ** 2 + (row - points[..., 1]) ** 2
            maps[:, row, column] = np.exp(-squared / (2 * SIGMA_PX**2)) * labelled
    return maps


def render_map_by_map(targets: np.ndarray) -> np.ndarray:
    """Renders the same map by map."""
    height, width = SIZE_HW
    maps = np.zeros((len(targets), height, width, targets.shape[1]), np.float32)
    columns = np.arange(width)
    rows = np.arange(height)
    for b in range(len(targets)):
        for j in range(targets.shape[1]):
            x, y, _ = input_to_heatmap(targets[b, j], STRIDE)
            if targets[b, j, 2] > 0:
                squared = (columns[None, :] - x) ** 2 + (rows[:, None] - y) ** 2
                maps[b, :, :, j] = np.exp(-squared / (2 * SIGMA_PX**2))
    return maps


def render_dense(targets: np.ndarray) -> np.ndarray:
    """Renders the same with one exponential over the whole float32 grid, computed in place."""
    height, width = SIZE_HW
    points = input_to_heatmap(targets[..., :2], np.float32(STRIDE))
    along_x = np.arange(width, dtype=np.float32)[None, :, None] - points[:, None, :, 0]
    along_y = np.arange(height, dtype=np.float32)[None, :, None] - points[:, None, :, 1]
    maps = np.square(along_y)[:, :, None, :] + np.square(along_x)[:, None, :, :]
    maps *= np.float32(-0.5 / SIGMA_PX**2)
    np.exp(maps, out=maps)
    maps *= (targets[..., 2] > 0)[:, None, None, :]
    return maps


def render_separable(targets: np.ndarray) -> np.ndarray:
    """Renders the same as the outer product of two exponentials, as in the graph."""
    height, width = SIZE_HW
    points = input_to_heatmap(targets[..., :2], np.float32(STRIDE))
    scale = np.float32(-0.5 / SIGMA_PX**2)
    along_x = np.exp(scale * np.square(np.arange(width, dtype=np.float32)[None, :, None] - points[:, None, :, 0]))
    along_y = np.exp(scale * np.square(np.arange(height, dtype=np.float32)[None, :, None] - points[:, None, :, 1]))
    along_y *= (targets[..., 2] > 0)[:, None, :]
    return along_y[:, :, None, :] * along_x[:, None, :, :]


def make_targets(rng: np.random.Generator) -> np.ndarray:
    """Returns random targets float32 [B, J, 3] with a tenth of the joints unlabelled."""
    points = rng.uniform(0, STRIDE * SIZE_HW[0], (BATCH, JOINTS, 2))
    labelled = rng.uniform(size=(BATCH, JOINTS, 1)) > 0.1
    return (np.concatenate([points, np.ones_like(labelled)], axis=-1) * labelled).astype(np.float32)


def compile_for(
    function: Callable[[tf.Tensor], Any], example: tf.Tensor, jit_compile: bool = False
) -> Callable[[], np.ndarray]:
    """Returns a compiled call of `function` (a tensor to tensors) on `example` that ends when the device is done."""

    @tf.function(input_signature=[tf.TensorSpec.from_tensor(example)], autograph=False, jit_compile=jit_compile)
    def graph(tensor):
        result = function(tensor)
        return result, tf.reshape(tf.nest.flatten(result)[0], [-1])[0]

    return lambda: graph(example)[1].numpy()  # reading one number waits for all of them


def check_equal(targets: np.ndarray) -> None:
    """Raises ValueError if a NumPy version renders other maps than the graph."""
    expected = render_heatmaps(targets, SIZE_HW, STRIDE, SIGMA_PX).numpy()
    for render in (render_double_loop, render_map_by_map, render_dense, render_separable):
        largest = np.abs(render(targets) - expected).max()
        if largest > 1e-4:
            raise ValueError(
                f"{render.__name__}: expected the maps of render_heatmaps, received others (difference {largest:g})"
            )


def rendering_rows(targets: np.ndarray, repeats: int) -> list[Row]:
    """Returns rows of the graph and the NumPy versions, timed in turn."""
    on_device = tf.constant(targets)

    def render(tensor):
        return render_heatmaps(tensor, SIZE_HW, STRIDE, SIGMA_PX)

    timings = time_in_turn(
        {
            "graph": compile_for(render, on_device),
            "graph with XLA": compile_for(render, on_device, jit_compile=True),
            "NumPy double loop": lambda: render_double_loop(targets),
            "NumPy map by map": lambda: render_map_by_map(targets),
            "NumPy dense": lambda: render_dense(targets),
            "NumPy separable": lambda: render_separable(targets),
        },
        repeats,
        calls=CALLS,
    )
    rows = [timings[name].to_row(f"render, {name}", "ms", 1e3) for name in timings.samples]
    wanted = {"NumPy double loop": ">= 10", "NumPy dense": ">= 2"}
    for ours in ("graph", "graph with XLA"):
        for rival in ("NumPy double loop", "NumPy map by map", "NumPy dense", "NumPy separable"):
            target = wanted.get(rival) if ours == "graph" else None
            rows.append(timings.ratio(rival, ours).to_row(f"{rival} / {ours}", "x", target=target))
    return rows


def decoding_rows(targets: np.ndarray, repeats: int) -> list[Row]:
    """Returns rows of the decoders' time and of the error of the round trip."""
    maps = render_heatmaps(targets, SIZE_HW, STRIDE, SIGMA_PX)
    decoders = {"argmax": decode_argmax, "subpixel": decode_subpixel}
    timings = time_in_turn({name: compile_for(f, maps) for name, f in decoders.items()}, repeats, calls=CALLS)
    rows = [timings[name].to_row(f"decode, {name}", "ms", 1e3) for name in decoders]
    labelled = targets[..., 2] > 0
    centers = input_to_heatmap(targets[..., :2], STRIDE)
    inside = labelled & (centers > -0.5).all(-1) & (centers < np.array(SIZE_HW[::-1]) - 0.5).all(-1)
    for name, target in (("argmax", None), ("subpixel", "<= 0.05")):
        errors = np.linalg.norm(decoders[name](maps)[0].numpy() - centers, axis=-1)[inside]
        rows.append(Row(f"round trip, largest error, {name}", errors.max(), "heatmap px", target=target))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = harness.parse_arguments("Rendering and decoding heatmaps, in the graph and in NumPy.", argv)
    repeats = 10 if arguments.quick else 40
    targets = make_targets(np.random.default_rng(0))
    check_equal(targets)
    harness.report("heatmaps", rendering_rows(targets, repeats) + decoding_rows(targets, repeats), arguments)


if __name__ == "__main__":
    main()
