"""How to install what only some commands need: the extras of pyproject.toml, each also a file of requirements."""

from __future__ import annotations


def how_to_install(extra: str) -> str:
    """Returns the commands that install an extra, for messages: in a clone, and beside an installed package.

    Args:
      extra: its name: "formats", "onnx" or "cluster".
    """
    return (
        f"`pip install -r requirements/{extra}.txt` in a clone, `pip install 'keras_pose[{extra}]'` beside an "
        "installed package"
    )
