"""The cost of a served answer, and what the local server withstands:
`python -m benchmarks.serving [--quick] [--json=<file>] [--base_path=runs/quickstart/export/pose]`.

`serving.local_server` serves the export in a process of its own on this machine; the client is in this process. Direct
calls are calls of the same SavedModel, loaded here. `--only=<part>,…` runs some parts: latency, throughput, busy,
mutated, versions, start, kills.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.server import busy_core, kills, latency, robustness, throughput, version_changes

PARTS: dict[str, Callable[..., list[Row]]] = {
    "latency": latency.measure_latency,
    "throughput": throughput.measure_throughput,
    "busy": busy_core.measure_busy_core,
    "mutated": robustness.measure_mutated,
    "versions": version_changes.measure_versions,
    "start": latency.measure_start,
    "kills": kills.measure_kills,
}


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("The cost of a served answer, and what the local server withstands.")
    parser.add_argument("--base_path", default="runs/quickstart/export/pose", help="Folder of the versions.")
    parser.add_argument(
        "--run_dir", help="Run to export in the part kills; by default the one that contains --base_path."
    )
    parser.add_argument("--only", default=",".join(PARTS), help="Parts to run, separated by commas; by default all.")
    arguments = parser.parse_args(argv)
    parts = arguments.only.split(",")
    unknown = set(parts) - set(PARTS)
    if unknown:
        parser.error(f"--only: expected some of {', '.join(PARTS)}, received {', '.join(sorted(unknown))}")
    versions = [int(name) for name in _list_names(arguments.base_path) if name.isdigit()]
    if not versions:
        parser.error(f"--base_path={arguments.base_path}: it contains no version; export one with export.py")
    version = pathlib.Path(arguments.base_path, str(max(versions)))
    options: dict[str, dict[str, Any]] = {}
    if "kills" in parts:
        try:
            kills.find_run(version, arguments.run_dir)
        except ValueError as error:
            parser.error(str(error))
        options["kills"] = {"run_dir": arguments.run_dir}
    rows: list[Row] = []
    for name in parts:
        rows += PARTS[name](version, arguments.quick, **options.get(name, {}))
    harness.report("serving", rows, arguments)


def _list_names(path):
    return os.listdir(path) if os.path.isdir(path) else []


if __name__ == "__main__":
    main()
