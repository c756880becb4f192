"""Nets that come with the package: each is the folder of a run, with half-precision weights and a model card.

Wherever a run is expected for reading (`keras_pose.load`, `--model`, `--run_dir`, `--init_from`, `--teacher`), the name
of a net means its folder, unless there is a folder of that name in the current one. What a command would write into a
run goes to `results_folder` instead. Loads no TensorFlow.
"""

from __future__ import annotations

import os

_HERE = os.path.dirname(os.path.abspath(__file__))
# Names of the nets; each is a folder here.
NETS = ("upper_body",)
_RESULTS = os.path.join("runs", "shipped")


def find(path: str | os.PathLike[str]) -> str:
    """Returns the folder that a path or the name of a shipped net means.

    Args:
      path: path of a run, or one of `NETS`.

    Returns:
      The path as text; for the name of a net its folder in the package.
    """
    path = os.fspath(path)
    return os.path.join(_HERE, path) if path in NETS and not os.path.exists(path) else path


def is_shipped(path: str | os.PathLike[str]) -> bool:
    """Whether a path means a net that comes with the package, whose folder must not be written to."""
    return os.path.dirname(os.path.abspath(find(path))) == _HERE


def results_folder(path: str | os.PathLike[str]) -> str:
    """Returns the folder for evaluations and exports of a run: the run itself, or `runs/shipped/<name>`.

    Args:
      path: path of a run, or one of `NETS`.
    """
    return os.path.join(_RESULTS, os.path.basename(os.path.abspath(path))) if is_shipped(path) else os.fspath(path)


def explain_shadow(path: str | os.PathLike[str]) -> str:
    """Returns what to add to the message that a path is no run, if it also is the name of a net; otherwise nothing."""
    path = os.fspath(path)
    if path not in NETS or not os.path.exists(path):
        return ""
    return f", a folder here; rename it, and {path} means the net of that name that comes with this package"
