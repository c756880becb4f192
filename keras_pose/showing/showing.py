"""Makes all pictures of a run and adds them to its page, as `keras-pose show` does."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from keras_pose import console
from keras_pose.evaluation.chosen_clips import Chosen
from keras_pose.runs import run_directory, trained
from keras_pose.showing import (
    activations,
    failures,
    mode_history,
    page_part,
    pooling_types,
    time_lapse,
    training_steps,
)
from keras_pose.showing.config import ShowConfig
from keras_pose.showing.section import Section
from keras_pose.showing.shown_net import ShownFrames, ShownNet

_MODE_FRAMES = 24  # that the number and height of modes are averaged over


def show(chosen: Chosen, config: ShowConfig, echo: Callable[[str], None] = console.show) -> str:
    """Draws what `chosen_clips.choose` found.

    Args:
      chosen: the run and the clips.
      config: what to draw.
      echo: function that shows a line of text.

    Returns:
      Path of the page.

    Raises:
      ValueError: if a frame or a file of weights cannot be read.
      OSError: if a file cannot be written.
    """
    began = time.monotonic()
    [run_dir] = chosen.run_dirs
    run, _, _ = run_directory.open_run(run_dir)
    model, settings, skeleton = trained.load_model(run_dir)
    net = ShownNet(model, settings, skeleton, chosen.clips)
    shown = net.read(net.spread(config.frames))
    sections = _training_sections(run, net, shown, echo)
    echo("activations, modes and poolings")
    sections.append(activations.activations(net, shown, config.seed))
    sections += pooling_types.pooling_sections(net, shown)
    found = failures.find_failures(net, config.error_frames, config.far, echo)
    sections += failures.failure_sections(net, found, config.far)
    path = page_part.write(config.eval_dir or run.eval, f"{run_dir} on {chosen.data}", sections, run.weights)
    echo(f"{len(sections)} parts in {time.monotonic() - began:.0f} s, at the end of {path}")
    return path


def _training_sections(run, net, shown, echo) -> list[Section]:
    """The sections about training: the first of the frames are those of the other pictures."""
    more = [position for position in net.spread(_MODE_FRAMES) if position not in shown.positions]
    frames = net.read([*shown.positions, *more])
    steps = training_steps.predict_at_steps(run, net, frames, echo)
    echo(f"training at {len(steps.steps)} steps")
    if len(steps.steps) < 3:
        echo(f"note: {training_steps.NO_SNAPSHOTS}")
    count = len(shown.positions)
    pictured = dataclasses.replace(steps, outputs=tuple(output[:count] for output in steps.outputs))
    first = ShownFrames(shown.positions, shown.window, shown.frames, shown.truth)
    return [
        time_lapse.time_lapse(net, first, pictured),
        *mode_history.mode_sections(net, frames, steps, count),
    ]
