"""Gives odd pictures and labels to what `train.py` and `keras-pose inspect` do before TensorFlow is loaded."""

from __future__ import annotations

import pathlib
import warnings
from collections.abc import Callable

from keras_pose.inspection import inspector
from keras_pose.inspection.config import InspectConfig
from keras_pose.options import build
from keras_pose.runs.config import TrainConfig
from keras_pose.training import preparation
from tests.odd_inputs.kinds import REFUSED, USED, Kind

# Notes that a usual source of these kinds has, too.
_USUAL = ("note: no left and right", "all splits are read", "found by name alone", "is not mirrored")


def run(work: Callable, *arguments) -> tuple[str, list[str]]:
    """Runs a step of a command as the command does.

    Args:
      work: function of `arguments` and of an `echo`.

    Returns:
      The message of an error that the user can fix, empty if there is none, and the lines and warnings that were shown.
      Any other error passes.
    """
    lines: list[str] = []
    error = ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            work(*arguments, lines.append)
        except (ValueError, OSError) as found:  # what `ending.exit_on_error` shows as one line
            error = str(found)
    return error, lines + [f"warning: {warning.message}" for warning in caught]


def prepare(path: pathlib.Path, run_dir: pathlib.Path, echo: Callable[[str], None]) -> None:
    """What `train.py` does before it loads TensorFlow."""
    with preparation.prepare(TrainConfig.from_flags(run_dir=str(run_dir), data=str(path)), echo):
        pass


def inspect(path: pathlib.Path, out_dir: pathlib.Path, echo: Callable[[str], None]) -> None:
    """What `keras-pose inspect --measure=false` does."""
    values = {"data": str(path), "out_dir": str(out_dir), "pictures": 2, "measure": False}
    inspector.inspect(build(InspectConfig, values), echo)


def check(kind: Kind, folder: pathlib.Path) -> None:
    """Checks that both commands do with a kind of input what it says."""
    (folder / "in").mkdir()
    path = kind.write(folder / "in")
    error, lines = run(prepare, path, folder / "run")
    shown = "\n".join(lines)
    if kind.outcome == REFUSED:
        assert kind.text in error, (error, shown)
        assert str(path) in error, error
    else:
        assert error == "", error
    found, inspected = run(inspect, path, folder / "inspected")
    together = "\n".join([found, *inspected])
    assert kind.text in together, together
    if kind.outcome == REFUSED:
        # A source with other good labels is inspected all the same, and its problems are listed.
        assert found == error or any(line.startswith("label problems: ") for line in inspected), together
    else:
        assert found == "", found
        assert (folder / "inspected" / "proposed.flags").exists()
    if kind.outcome == USED:
        notes = [line for line in lines + inspected if line.startswith(("note: ", "warning: "))]
        notes = [note for note in notes if not any(usual in note for usual in _USUAL)]
        assert notes == [], notes
