"""`python -m serving.local_server --model_base_path=<export>/<model>`: serves exported models on this machine."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys

import uvicorn

from serving.local_server.app import build_app
from serving.local_server.batching import NUM_WORKERS, Batcher
from serving.local_server.manager import ModelManager
from serving.local_server.model_config import ModelConfig, read_model_configs
from serving.local_server.servable import set_intra_op_threads


def parse_arguments(arguments):
    """Reads the command line; named like the flags of `tensorflow_model_server` where that has them.

    Args:
      arguments: list of str, without the program's name.
    """
    parser = argparse.ArgumentParser(prog="python -m serving.local_server", description=__doc__, allow_abbrev=False)
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
    return parsed


def build_manager(flags):
    """Returns the `ModelManager` for the parsed command line.

    Raises:
      ValueError, OSError: for a configuration file that cannot be read or that lacks the model of --model_name.
    """
    base_paths, configs = {}, {}
    if flags.model_base_path:
        base_path = os.path.abspath(flags.model_base_path)
        name = flags.model_name or os.path.basename(base_path)
        base_paths[name] = base_path
        configs[name] = ModelConfig(name, base_path)
    if flags.model_config_file:
        configs = read_model_configs(flags.model_config_file)
        missing = base_paths.keys() - configs.keys()
        if missing:
            raise ValueError(
                f"{flags.model_config_file}: expected the model {missing.pop()!r} of --model_base_path, received "
                f"{', '.join(configs)}; --model_name says which one the folder is for"
            )
    return ModelManager(configs, flags.file_system_poll_wait_seconds, flags.model_config_file, base_paths)


def choose_intra_op_threads(wanted, num_cores, environment):
    """Returns the number of threads of one operation, 0 where it is left to TensorFlow.

    With no more cores than workers two calls beside each other, a thread each, do more than one call on all cores.

    Args:
      wanted: int, of the command line; 0: none in particular.
      num_cores: int.
      environment: dict of the process's variables; TF_NUM_INTRAOP_THREADS there is for TensorFlow to read.
    """
    if wanted or environment.get("TF_NUM_INTRAOP_THREADS"):
        return wanted
    return int(num_cores <= NUM_WORKERS)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):
        yield  # `serve` has its own handlers: an asked-for end is a good end, exit status 0


async def serve(flags, manager):
    """Serves until SIGINT or SIGTERM; requests under way are answered first.

    Args:
      flags: what `parse_arguments` returned.
      manager: ModelManager, not started yet.
    """
    batcher = Batcher(flags.max_batch_size, flags.batch_timeout_ms)
    max_request_bytes = int(flags.max_request_mb * 1e6)
    app = build_app(manager, batcher, max_request_bytes, flags.rest_api_enable_cors_support)
    listener = _listen(flags.host, flags.rest_api_port)
    server = _Server(
        uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=10)
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))
    rpc = await _start_grpc(flags, manager, batcher, max_request_bytes)
    manager.start()
    announcing = asyncio.ensure_future(_announce(manager, *listener.getsockname()[:2]))
    try:
        await server.serve(sockets=[listener])
    finally:
        announcing.cancel()
        if rpc:
            await rpc.stop(grace=5)
        batcher.close()
        await loop.run_in_executor(None, manager.stop)


async def _start_grpc(flags, manager, batcher, max_request_bytes):
    if not flags.port:
        return None
    try:
        from serving.local_server.grpc_service import start_grpc
    except ImportError as error:
        raise ValueError(f"--port: gRPC needs the packages tensorflow-serving-api and grpcio: {error}") from error
    address = f"[{flags.host}]:{flags.port}" if ":" in flags.host else f"{flags.host}:{flags.port}"
    return await start_grpc(manager, batcher, address, max_request_bytes)


def _listen(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family)
    # Connections inherit it. asyncio sets it only where a socket names its protocol, and without it an answer waits
    # 40 ms for the other side's delayed acknowledgement of the headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


async def _announce(manager, host, port):
    """Prints one line for each model as soon as it answers."""
    waiting = list(manager.names)
    while waiting:
        for name in list(waiting):
            model = manager.model(name)
            if model is None or model.any_available():
                waiting.remove(name)
            if model is not None and model.any_available():
                address = f"[{host}]" if ":" in host else host
                print(f"serving {name} at http://{address}:{port}/v1/models/{name}", flush=True)
        await asyncio.sleep(0.05)


def main(arguments=None):
    """Runs the command. Returns the exit status (int)."""
    flags = parse_arguments(sys.argv[1:] if arguments is None else arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        manager = build_manager(flags)
        num_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        set_intra_op_threads(choose_intra_op_threads(flags.tensorflow_intra_op_parallelism, num_cores, os.environ))
        asyncio.run(serve(flags, manager))
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
