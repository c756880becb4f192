"""The frame of every command: the arguments that all have, and the report of the rows with machine and versions."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.metadata
import os
import platform
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.common.rows import Row, format_table
from keras_pose import files

_PACKAGES = ("tensorflow", "keras", "tensorflow-addons", "numpy", "opencv-python", "opencv-python-headless")


def make_parser(description: str) -> argparse.ArgumentParser:
    """Returns a parser of `--quick` and `--json=<file>`, to which a command adds arguments of its own.

    Args:
      description: what the command measures; `--help` shows it.
    """
    parser = argparse.ArgumentParser(description=description, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="Measure fewer repeats and smaller cases.")
    parser.add_argument("--json", metavar="FILE", help="Also write the rows to this file.")
    return parser


def parse_arguments(description: str, argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads `--quick` and `--json=<file>`, for a command without other arguments.

    Args:
      description: what the command measures; `--help` shows it.
      argv: arguments; by default the command line.
    """
    return make_parser(description).parse_args(argv)


def describe_machine() -> dict[str, Any]:
    """Returns {"cpu", "cores"} and, if TensorFlow is loaded and sees any, {"gpus"}."""
    cpu = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
        cpu = names[0] if names else cpu
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    machine: dict[str, Any] = {"cpu": cpu, "cores": cores}
    if "tensorflow" in sys.modules:
        config = sys.modules["tensorflow"].config
        gpus = config.list_physical_devices("GPU")
        if gpus:
            machine["gpus"] = [config.experimental.get_device_details(g).get("device_name", g.name) for g in gpus]
    return machine


def describe_stack() -> dict[str, str]:
    """Returns the versions of Python and of the installed packages."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def report(name: str, rows: Sequence[Row], arguments: argparse.Namespace) -> None:
    """Prints the rows as a table and, with `--json`, writes them to a file, all or nothing.

    Args:
      name: name of the command.
      rows: what it measured.
      arguments: as `parse_arguments` returns them.

    Raises:
      ValueError: if a value is NaN or infinite and a file is to be written.
    """
    print(f"{name} on {', '.join(f'{k} {v}' for k, v in describe_machine().items())}")
    print(", ".join(f"{package} {version}" for package, version in describe_stack().items()))
    print(format_table(rows))
    if arguments.json:
        write_rows(arguments.json, name, rows)


def write_rows(path: str | os.PathLike[str], name: str, rows: Sequence[Row]) -> None:
    """Writes the rows of a command as JSON, with the machine and the versions they were measured on.

    Args:
      path: file to write.
      name: name of the command.
      rows: what it measured.

    Raises:
      ValueError: if a value is NaN or infinite.
    """
    written = [dataclasses.asdict(row) for row in rows]
    files.write_json(path, {"name": name, "machine": describe_machine(), "stack": describe_stack(), "rows": written})
