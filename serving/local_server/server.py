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

from serving.local_server.app import RestSettings, build_app
from serving.local_server.batching import NUM_WORKERS, Batcher
from serving.local_server.errors import ServingError
from serving.local_server.manager import ModelManager, WatchSettings
from serving.local_server.metrics import Metrics
from serving.local_server.metrics_app import MeteredApp
from serving.local_server.model_config import ModelConfig, read_model_configs
from serving.local_server.monitoring_config import read_metrics_path
from serving.local_server.servable import set_intra_op_threads
from serving.local_server.version_records import RetryPolicy

READY_POLL_S = 0.02
LARGEST_GRPC_MESSAGE = 2**31 - 1


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
      ValueError, OSError: if the configuration file cannot be read, lacks the model of --model_name, or has labels that
        no flag allows.
    """
    base_paths = {}
    configs = {}
    for path in flags.model_base_path:
        base_path = os.path.abspath(path)
        name = flags.model_name or os.path.basename(base_path)
        base_paths[name] = base_path
        configs[name] = ModelConfig(name, base_path)
    if flags.model_config_file:
        configs = read_model_configs(flags.model_config_file, flags.strict)
        missing = base_paths.keys() - configs.keys()
        if missing:
            raise ValueError(
                f"{flags.model_config_file}: expected the model {missing.pop()!r} of --model_base_path, received "
                f"{', '.join(configs)}; name the model of the folder with --model_name"
            )
    settings = WatchSettings(
        flags.file_system_poll_wait_seconds,
        flags.model_config_file_poll_wait_seconds,
        flags.allow_version_labels_for_unavailable_models,
        RetryPolicy(flags.max_num_load_retries, flags.load_retry_interval_micros / 1e6, flags.strict),
    )
    try:
        return ModelManager(configs, settings, flags.model_config_file, base_paths)
    except ServingError as error:
        raise ValueError(f"{flags.model_config_file}: {error}") from error


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

    As with TensorFlow Serving, the ports open when every model has a version that is loaded and warmed up.

    Args:
      flags: the parsed command line.
      manager: the models; `serve` starts it.

    Raises:
      ValueError, OSError: if no version of a model can be loaded, or the server cannot listen on an address.
    """
    metrics_path = read_metrics_path(flags.monitoring_config_file) if flags.monitoring_config_file else None
    metrics = Metrics() if metrics_path else None
    listener = _bind(flags.host, flags.rest_api_port)
    batcher = Batcher(
        flags.max_batch_size, flags.batch_timeout_ms, observe_run=metrics.observe_run if metrics else None
    )
    server = _build_server(flags, manager, batcher, metrics, metrics_path)
    loop = asyncio.get_running_loop()
    if not flags.strict:  # TensorFlow Serving dies of these signals
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))
    manager.start()
    try:
        while not manager.is_ready() and not server.should_exit:
            await asyncio.sleep(READY_POLL_S)
        if not server.should_exit:
            await _serve_ready(flags, manager, batcher, server, listener, metrics)
    finally:
        listener.close()
        batcher.close()
        await loop.run_in_executor(None, manager.stop)


def _build_server(flags, manager, batcher, metrics, metrics_path):
    settings = RestSettings(
        None if flags.max_request_mb is None else int(flags.max_request_mb * 1e6),
        flags.rest_api_enable_cors_support,
        flags.rest_api_timeout_in_ms / 1000,
        flags.strict,
    )
    app: ASGIApp = build_app(manager, batcher, settings)
    if metrics and metrics_path:
        app = MeteredApp(app, metrics, metrics_path)
    return _Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=10,
            http="h11" if flags.strict else "auto",  # httptools drops a fragment (#…) of the path
        )
    )


async def _serve_ready(flags, manager, batcher, server, listener, metrics):
    rpc = await _start_grpc(flags, manager, batcher, metrics)
    host, port = listener.getsockname()[:2]
    announcement = asyncio.ensure_future(_announce(server, manager, host, port, flags.port))
    try:
        await server.serve(sockets=[listener])
    finally:
        announcement.cancel()
        if rpc:
            await rpc.stop(grace=5)


async def _start_grpc(flags, manager, batcher, metrics):
    if not flags.port:
        return None
    try:
        from serving.local_server.grpc_service import start_grpc
        from serving.local_server.metrics_grpc import MetricsInterceptor
    except ImportError as error:
        raise ValueError(f"--port: gRPC needs the packages tensorflow-serving-api and grpcio: {error}") from error
    address = f"[{flags.host}]:{flags.port}" if ":" in flags.host else f"{flags.host}:{flags.port}"
    max_bytes = LARGEST_GRPC_MESSAGE if flags.max_request_mb is None else int(flags.max_request_mb * 1e6)
    interceptors = [MetricsInterceptor(metrics)] if metrics else []
    return await start_grpc(manager, batcher, address, max_bytes, interceptors)


def _bind(host, port):
    """Reserves the port: until something listens on it, connections are refused."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit TCP_NODELAY. asyncio sets it only if a socket names its protocol. Without it, each answer
        # waits 40 ms for the client's delayed acknowledgement of the headers.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise OSError(f"cannot listen on {host}:{port}: {error}") from error
    return listener


async def _announce(server, manager, host, port, grpc_port):
    """Prints the address of each model, then that of gRPC, when they can be reached."""
    while not server.started:
        await asyncio.sleep(READY_POLL_S)
    address = f"[{host}]" if ":" in host else host
    for name in manager.names:
        print(f"serving {name} at http://{address}:{port}/v1/models/{name}", flush=True)
    if grpc_port:
        print(f"gRPC at {address}:{grpc_port}", flush=True)
