"""The commands that read flags: train, evaluate, predict, export. `train.py` and `keras-pose train` run one function.

Flags, paths and labels are checked before TensorFlow is imported, which takes seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from absl import app
from absl import flags as absl_flags

from keras_pose import console, ending, options
from keras_pose.analysis.config import PredictConfig
from keras_pose.cli import flags
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.exporting.config import ExportConfig
from keras_pose.runs.config import TrainConfig

absl_flags.disclaim_key_flags()  # a flag belongs to the program that runs, whose --help lists it


def train(arguments: Sequence[str], program: str) -> None:
    """Trains a pose net and evaluates it.

    Args:
      arguments: command line without the program's name.
      program: name that begins each error message, such as "train.py".
    """

    def work(config):
        from keras_pose.training import preparation, workers

        with workers.exit_if_lost(program), preparation.prepare(config) as prepared:
            with console.quiet_import():
                from keras_pose.training import runner
            runner.train_prepared(prepared)

    def describe_interruption():
        from keras_pose.training import preparation

        run_dir = absl_flags.FLAGS["run_dir"].value
        return preparation.describe_interruption(run_dir) if run_dir else "interrupted"

    run(TrainConfig, work, arguments, program, describe_interruption)


def evaluate(arguments: Sequence[str], program: str) -> None:
    """Scores trained runs. Args as for `train`."""

    def work(config):
        from keras_pose.evaluation import chosen_clips

        chosen = chosen_clips.choose(config)
        with console.quiet_import():
            from keras_pose.evaluation import scoring
        scoring.score_chosen(chosen, config)

    run(EvaluateConfig, work, arguments, program)


def predict(arguments: Sequence[str], program: str) -> None:
    """Writes the poses of videos, or shows those of a camera. Args as for `train`."""

    def work(config):
        from keras_pose.analysis import chosen_videos

        chosen = chosen_videos.choose(config)
        console.show(f"loading {chosen.model_path}")
        if chosen.live:
            with console.quiet_import():
                from keras_pose.analysis import live_command
            ends_by_itself.append(True)
            if live_command.show_live(chosen, config).end_reason == ending.reason():
                sys.exit(ending.exit_code())
            return
        with console.quiet_import():
            from keras_pose.analysis import many_videos
        failed = many_videos.analyse_all(chosen, config)
        if failed:
            sys.exit(1)

    def describe_interruption():
        return "" if ends_by_itself else "interrupted: the same command goes on where it was"

    ends_by_itself: list[bool] = []  # a live run shows what it did
    run(PredictConfig, work, arguments, program, describe_interruption)


def export(arguments: Sequence[str], program: str) -> None:
    """Exports a trained run for a server. Args as for `train`."""

    def work(config):
        from keras_pose.exporting import export_checks

        export_checks.check(config)
        with console.quiet_import():
            from keras_pose.exporting import exporter
        exporter.export(config)

    run(ExportConfig, work, arguments, program)


def run(
    config_class: type,
    work: Callable[[Any], None],
    arguments: Sequence[str],
    program: str,
    interrupted: Callable[[], str] = lambda: "interrupted",
) -> None:
    """Reads the flags, does the work and ends the program.

    Args:
      config_class: dataclass of `options.option` fields.
      work: function of one configuration. It checks all that it can before it imports the modules that load TensorFlow.
      arguments: command line without the program's name.
      program: name that begins each error message.
      interrupted: function that makes the message after Ctrl-C or SIGTERM.
    """

    def main(command_line):
        if len(command_line) > 1:
            sys.exit(f"{program}: expected flags only, received {command_line[1:]}")
        with options.naming_places(places):
            work(flags.read(config_class))

    interrupted = ending.say_once(interrupted)
    with ending.exit_on_error(program, interrupted):
        ending.answer_signals(interrupted)
        console.hide_startup_messages()
        console.show_any_character()
        console.show_warnings_as_lines()
        flags.define(config_class)
        places = flags.check_flagfiles(arguments)
        app.run(main, argv=[program, *arguments])
