"""Writes a page that finds poses in the browser, without a server that runs nets.

python -m serving.static_page --model_base_path=runs/quickstart/export/pose --out_dir=page
python -m http.server --directory page --bind 127.0.0.1 8080    # then http://127.0.0.1:8080/
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from serving.static_page import library, site


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
      argv: the arguments, without the program's name. None: those of this process.

    Returns:
      The exit status: 0, or 1 after an error (its message goes to stderr), or 130 after an interruption.
    """
    arguments = _make_parser().parse_args(argv)
    backends = ("webgpu", "wasm") if arguments.webgpu else ("wasm",)
    try:
        taken = site.write(arguments.out_dir, arguments.model_base_path, arguments.library, backends)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    print(f"{arguments.out_dir}: the page with {', '.join(taken)}")
    print(f"see it: python -m http.server --directory {arguments.out_dir} --bind 127.0.0.1 8080")
    return 0


def _make_parser():
    parser = argparse.ArgumentParser(
        prog="python -m serving.static_page",
        description="Writes the demo page with nets that run in the browser. Any web server can serve the folder.",
    )
    parser.add_argument(
        "--model_base_path",
        action="append",
        required=True,
        help="Folder of the versions of a model; the newest with model.onnx (export.py --onnx) is taken. Repeatable.",
    )
    parser.add_argument("--out_dir", required=True, help="Folder to write. A page that is there already is replaced.")
    parser.add_argument(
        "--library",
        default="",
        help=f"File {library.ARCHIVE} of the npm registry. By default, npm fetches it (33 MB).",
    )
    parser.add_argument(
        "--webgpu",
        action="store_true",
        help="Add the library for graphics cards (WebGPU); browsers with one load 27 MB instead of 14.",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
