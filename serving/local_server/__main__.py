"""`python -m serving.local_server --model_base_path=<export>/<model>`: serves exported models on this machine."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

LARGEST_PORT = 65535
DEFAULT_REQUEST_MB = 64.0
PROGRAM = "python -m serving.local_server"


def parse_arguments(arguments: Sequence[str], program: str = PROGRAM) -> argparse.Namespace:
    """Parses the command line. Flags have the names that `tensorflow_model_server` uses, if it has them.

    Args:
      arguments: without the program's name.
      program: name of the program in the help and in error messages.
    """
    parser = _make_parser(program)
    parsed = parser.parse_args(arguments)
    _check_arguments(parser, parsed)
    return parsed


def _make_parser(program):
    parser = argparse.ArgumentParser(prog=program, description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add(
        "--model_base_path",
        action="append",
        default=[],
        help="folder of the model's numbered versions; overrides the one in --model_config_file. Several times: all of "
        "them are served, each with its folder's name",
    )
    add("--model_name", help="name of the model at --model_base_path; default: the folder's name")
    add("--model_config_file", help="file with models, policies and labels (ModelServerConfig in text format)")
    add("--host", default="127.0.0.1", help="address to listen on; the server has no authentication")
    add("--rest_api_port", type=int, default=8501, help="port of the REST API; 0: any free port")
    add("--port", type=int, default=0, help="port of the gRPC API; 0: no gRPC")
    add("--file_system_poll_wait_seconds", type=float, default=1.0, help="pause between checks for versions; 0: once")
    add(
        "--model_config_file_poll_wait_seconds",
        type=float,
        default=0.0,
        help="pause in s between readings of --model_config_file; 0: read once, so that labels cannot be moved",
    )
    add(
        "--allow_version_labels_for_unavailable_models",
        type=_parse_bool,
        nargs="?",
        const=True,
        default=False,
        help="let new labels name versions that are not loaded; needed for labels at the start, when none is",
    )
    add("--max_num_load_retries", type=int, default=5, help="further attempts to load a version; none at the start")
    add(
        "--load_retry_interval_micros",
        type=int,
        default=60_000_000,
        help="pause in µs before such an attempt; it ends when the version's files change",
    )
    add(
        "--rest_api_timeout_in_ms",
        type=int,
        default=30_000,
        help="longest run of a model for a REST request in ms; later, the request is answered with status 504",
    )
    add("--rest_api_enable_cors_support", action="store_true", help="allow requests from pages of other origins (CORS)")
    add(
        "--monitoring_config_file",
        help="file that enables Prometheus metrics on the REST port (MonitoringConfig in text format), such as "
        "serving/monitoring.config; default: no metrics",
    )
    add("--max_request_mb", type=float, help="largest request body in MB; default: 64, with --strict any size")
    add(
        "--strict",
        action="store_true",
        help="behave as TensorFlow Serving 2.15.1 also where this server is better: indented answers, values of any "
        "length in errors, any size of body, no page, SIGTERM ends running requests (serving/README.md)",
    )
    add("--max_batch_size", type=int, default=32, help="largest batch of merged requests in rows; 1: no merging")
    add(
        "--batch_timeout_ms",
        type=float,
        default=0.0,
        help="longest wait for other requests to merge with, in ms; 0: merge those that have arrived together",
    )
    add(
        "--tensorflow_intra_op_parallelism",
        type=int,
        default=0,
        help="threads per operation; 0: TF_NUM_INTRAOP_THREADS if set, else chosen by the number of cores",
    )
    return parser


def _check_arguments(parser, parsed):
    if not parsed.model_base_path and not parsed.model_config_file:
        parser.error("expected --model_base_path or --model_config_file, received neither")
    for path in parsed.model_base_path:
        if not os.path.isdir(path):
            parser.error(f"--model_base_path: expected a folder, received {path!r}")
    for name in ("model_config_file", "monitoring_config_file"):
        path = getattr(parsed, name)
        if path and not os.path.isfile(path):
            parser.error(f"--{name}: expected a file, received {path!r}")
    names = [os.path.basename(os.path.abspath(path)) for path in parsed.model_base_path]
    if len(set(names)) < len(names):
        parser.error(f"--model_base_path: expected folders of different names, received {', '.join(names)}")
    if parsed.model_name and len(names) > 1:
        parser.error(f"--model_name: expected one --model_base_path with it, received {len(names)}")
    if parsed.max_request_mb is None and not parsed.strict:
        parsed.max_request_mb = DEFAULT_REQUEST_MB
    for name, least in (
        ("max_request_mb", 0.001),
        ("file_system_poll_wait_seconds", 0),
        ("model_config_file_poll_wait_seconds", 0),
        ("max_num_load_retries", 0),
        ("load_retry_interval_micros", 0),
        ("rest_api_timeout_in_ms", 1),
        ("max_batch_size", 1),
        ("batch_timeout_ms", 0),
        ("tensorflow_intra_op_parallelism", 0),
    ):
        value = getattr(parsed, name)
        if value is not None and value < least:
            parser.error(f"--{name}: expected at least {least}, received {value}")
    for name in ("rest_api_port", "port"):
        if not 0 <= getattr(parsed, name) <= LARGEST_PORT:
            parser.error(f"--{name}: expected 0 to {LARGEST_PORT}, received {getattr(parsed, name)}")


def _parse_bool(text):
    if text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"expected true or false, received {text!r}")
    return text == "true"


def main(arguments: Sequence[str] | None = None, program: str = PROGRAM) -> int:
    """Runs the command.

    Args:
      arguments: without the program's name. None: those of this process.
      program: see `parse_arguments`.

    Returns:
      The exit status: 0, 1 after an error (with --strict 255), whose message goes to stderr, or 130 after an
      interruption.
    """
    flags = parse_arguments(sys.argv[1:] if arguments is None else arguments, program)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # hide TensorFlow's start-up messages; 0 shows them
    try:
        from serving.local_server import server  # loads TensorFlow, which takes seconds: check flags first

        server.run(flags)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 255 if flags.strict else 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
