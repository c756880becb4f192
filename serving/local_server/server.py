"""The server's process: sets up the models and the listening sockets, starts and stops the server."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator, Mapping

import uvicorn
from starlette.types import ASGIApp

from serving.local_server.app import build_app
from serving.local_server.batching import NUM_WORKERS, Batcher
from serving.local_server.manager import ModelManager
from serving.local_server.metrics import Metrics
from serving.local_server.metrics_app import MeteredApp
from serving.local_server.model_config import ModelConfig, read_model_configs
from serving.local_server.monitoring_config import read_metrics_path
from serving.local_server.servable import set_intra_op_threads


def run(flags: argparse.Namespace) -> None:
    """Serves until SIGINT or SIGTERM.

    Args:
      flags: the parsed command line.

    Raises:
      ValueError, OSError: if a model cannot be served or the server cannot listen on an address.
    """
    manager = build_manager(flags)
    num_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    set_intra_op_threads(choose_intra_op_threads(flags.tensorflow_intra_op_parallelism, num_cores, os.environ))
    asyncio.run(serve(flags, manager))


def build_manager(flags: argparse.Namespace) -> ModelManager:
    """Returns the `ModelManager` for the parsed command line.

    Raises:
      ValueError, OSError: if the configuration file cannot be read or lacks the model of --model_name.
    """
    base_paths = {}
    configs = {}
    for path in flags.model_base_path:
        base_path = os.path.abspath(path)
        name = flags.model_name or os.path.basename(base_path)
        base_paths[name] = base_path
        configs[name] = ModelConfig(name, base_path)
    if flags.model_config_file:
        configs = read_model_configs(flags.model_config_file)
        missing = base_paths.keys() - configs.keys()
        if missing:
            raise ValueError(
                f"{flags.model_config_file}: expected the model {missing.pop()!r} of --model_base_path, received "
                f"{', '.join(configs)}; name the model of the folder with --model_name"
            )
    return ModelManager(configs, flags.file_system_poll_wait_seconds, flags.model_config_file, base_paths)


def choose_intra_op_threads(wanted: int, num_cores: int, environment: Mapping[str, str]) -> int:
    """Returns the number of threads of one operation; 0 leaves it to TensorFlow.

    If there are no more cores than workers, two simultaneous calls with one thread each are faster than one call that
    uses all cores.

    Args:
      wanted: the number from the command line, or 0.
      num_cores: number of CPU cores.
      environment: the process's variables. If TF_NUM_INTRAOP_THREADS is set, TensorFlow reads it itself.
    """
    if wanted or environment.get("TF_NUM_INTRAOP_THREADS"):
        return wanted
    return int(num_cores <= NUM_WORKERS)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the handlers of `serve`, which end the process with exit status 0."""
        yield


async def serve(flags: argparse.Namespace, manager: ModelManager) -> None:
    """Serves until SIGINT or SIGTERM, then answers the running requests and stops.

    Args:
      flags: the parsed command line.
      manager: the models; `serve` starts it.
    """
    # Set up the REST server.
    metrics_path = read_metrics_path(flags.monitoring_config_file) if flags.monitoring_config_file else None
    metrics = Metrics() if metrics_path else None
    observe_run = metrics.observe_run if metrics else None
    batcher = Batcher(flags.max_batch_size, flags.batch_timeout_ms, observe_run=observe_run)
    max_request_bytes = int(flags.max_request_mb * 1e6)
    app: ASGIApp = build_app(manager, batcher, max_request_bytes, flags.rest_api_enable_cors_support)
    if metrics and metrics_path:
        app = MeteredApp(app, metrics, metrics_path)
    listener = _listen(flags.host, flags.rest_api_port)
    server = _Server(
        uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=10)
    )
    # Stop on SIGINT and SIGTERM.
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))
    # Start gRPC and the loading of models, then serve.
    rpc = await _start_grpc(flags, manager, batcher, max_request_bytes, metrics)
    manager.start()
    host, port = listener.getsockname()[:2]
    announcement = asyncio.ensure_future(_announce(manager, host, port, flags.port))
    try:
        await server.serve(sockets=[listener])
    finally:
        announcement.cancel()
        if rpc:
            await rpc.stop(grace=5)
        batcher.close()
        await loop.run_in_executor(None, manager.stop)


async def _start_grpc(flags, manager, batcher, max_request_bytes, metrics):
    if not flags.port:
        return None
    try:
        from serving.local_server.grpc_service import start_grpc
        from serving.local_server.metrics_grpc import MetricsInterceptor
    except ImportError as error:
        raise ValueError(f"--port: gRPC needs the packages tensorflow-serving-api and grpcio: {error}") from error
    address = f"[{flags.host}]:{flags.port}" if ":" in flags.host else f"{flags.host}:{flags.port}"
    interceptors = [MetricsInterceptor(metrics)] if metrics else []
    return await start_grpc(manager, batcher, address, max_request_bytes, interceptors)


def _listen(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family)
    # Connections inherit TCP_NODELAY. asyncio sets it only if a socket names its protocol. Without it, each answer
    # waits 40 ms for the client's delayed acknowledgement of the headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


async def _announce(manager, host, port, grpc_port):
    """Prints the address of each model as soon as it is available, then that of gRPC."""
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
