"""The server's process: what it serves, where it listens, how it starts and ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket

import uvicorn

from serving.local_server.app import build_app
from serving.local_server.batching import NUM_WORKERS, Batcher
from serving.local_server.manager import ModelManager
from serving.local_server.model_config import ModelConfig, read_model_configs
from serving.local_server.servable import set_intra_op_threads


def run(flags):
    """Serves until SIGINT or SIGTERM.

    Args:
      flags: `argparse.Namespace` of the command line.

    Raises:
      ValueError, OSError: for models or addresses that cannot be served.
    """
    manager = build_manager(flags)
    num_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    set_intra_op_threads(choose_intra_op_threads(flags.tensorflow_intra_op_parallelism, num_cores, os.environ))
    asyncio.run(serve(flags, manager))


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
      flags: `argparse.Namespace` of the command line.
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
    announcing = asyncio.ensure_future(_announce(manager, *listener.getsockname()[:2], flags.port))
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


async def _announce(manager, host, port, grpc_port):
    """Prints one line for each model as soon as it answers, and where gRPC does."""
    address = f"[{host}]" if ":" in host else host
    waiting = list(manager.names)
    while waiting:
        for name in list(waiting):
            model = manager.model(name)
            if model is None or model.any_available():
                waiting.remove(name)
            if model is not None and model.any_available():
                print(f"serving {name} at http://{address}:{port}/v1/models/{name}", flush=True)
        await asyncio.sleep(0.05)
    if grpc_port:
        print(f"gRPC at {address}:{grpc_port}", flush=True)
