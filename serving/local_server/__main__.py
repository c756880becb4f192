"""`python -m serving.local_server --model_base_path=<export>/<model>`: serves exported models on this machine."""

from __future__ import annotations

import argparse
import logging
import os
import sys

LARGEST_PORT = 65535
PROGRAM = "python -m serving.local_server"


def parse_arguments(arguments, program=PROGRAM):
    """Reads the command line; named like the flags of `tensorflow_model_server` where that has them.

    Args:
      arguments: list of str, without the program's name.
      program: str, name of the program in the help and in error messages.
    """
    parser = argparse.ArgumentParser(prog=program, description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--model_base_path", help="folder of the numbered versions of the model; wins over the one in the file")
    add("--model_name", help="name of the model at --model_base_path; default: the folder's name")
    add("--model_config_file", help="models, policies and labels (ModelServerConfig in text form)")
    add("--host", default="127.0.0.1", help="address to listen at; the server asks nobody who they are")
    add("--rest_api_port", type=int, default=8501, help="port of the REST API; 0 picks a free one")
    add("--port", type=int, default=0, help="port of the gRPC API; 0: no gRPC")
    add("--file_system_poll_wait_seconds", type=float, default=1.0, help="pause between looks for versions; 0: once")
    add("--rest_api_enable_cors_support", action="store_true", help="let pages of other origins ask")
    add("--max_request_mb", type=float, default=64.0, help="largest request body, in MB")
    add("--max_batch_size", type=int, default=32, help="rows of merged requests; 1: requests are not merged")
    add("--batch_timeout_ms", type=float, default=1.0, help="how long a request waits for others to be merged with")
    add("--tensorflow_intra_op_parallelism", type=int, default=0, help="threads of one operation; 0: as the cores ask")
    parsed = parser.parse_args(arguments)
    if not parsed.model_base_path and not parsed.model_config_file:
        parser.error("expected --model_base_path or --model_config_file, received neither")
    if parsed.model_base_path and not os.path.isdir(parsed.model_base_path):
        parser.error(f"--model_base_path: expected a folder, received {parsed.model_base_path!r}")
    for name, least in (
        ("max_request_mb", 0.001),
        ("max_batch_size", 1),
        ("batch_timeout_ms", 0),
        ("tensorflow_intra_op_parallelism", 0),
    ):
        if getattr(parsed, name) < least:
            parser.error(f"--{name}: expected at least {least}, received {getattr(parsed, name)}")
    for name in ("rest_api_port", "port"):
        if not 0 <= getattr(parsed, name) <= LARGEST_PORT:
            parser.error(f"--{name}: expected 0 to {LARGEST_PORT}, received {getattr(parsed, name)}")
    return parsed


def main(arguments=None, program=PROGRAM):
    """Runs the command. Returns the exit status (int). Args as for `parse_arguments`; None: those of this process."""
    flags = parse_arguments(sys.argv[1:] if arguments is None else arguments, program)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # start-up messages of TensorFlow; 0 brings them back
    try:
        from serving.local_server import server  # TensorFlow takes seconds to load: flags are checked before

        server.run(flags)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
