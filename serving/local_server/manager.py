"""All models of the server, and the thread that watches their folders and the configuration file."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from serving.local_server.errors import ServingError, unknown_label
from serving.local_server.model_config import ModelConfig, read_model_configs
from serving.local_server.rest_paths import ModelChoice
from serving.local_server.servable import Servable
from serving.local_server.versions import ModelVersions
from serving.local_server.warmup import warm_up


def load_and_warm_up(folder: str, version: int) -> Servable:
    """Loads the version in a folder and runs its warm-up requests."""
    servable = Servable(folder, version)
    warm_up(servable)
    return servable


class ModelManager:
    """Keeps the loaded models up to date with their folders and the configuration file.

    Args:
      configs: maps model names to configurations.
      poll_seconds: pause between checks of the disk; 0: check once.
      config_file: path or None; read again whenever it changes.
      base_paths: maps model names to folders that override the file's `base_path`.
      load: function of (folder, version) that returns a servable.
    """

    def __init__(
        self,
        configs: Mapping[str, ModelConfig],
        poll_seconds: float = 1.0,
        config_file: str | None = None,
        base_paths: Mapping[str, str] | None = None,
        load: Callable[[str, int], Servable] = load_and_warm_up,
    ) -> None:
        self._load = load
        self._poll_seconds = poll_seconds
        self._config_file = config_file
        self._config_stamp = _file_stamp(config_file)
        self._base_paths = base_paths or {}
        self._models: dict[str, ModelVersions] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="model-versions", daemon=True)
        self._apply_configs(configs)

    def _apply_configs(self, configs):
        models = {}
        for name, config in configs.items():
            config = config._replace(base_path=self._base_paths.get(name, config.base_path))
            model = self._models.get(name)
            if model is None or model.config.base_path != config.base_path:
                model = ModelVersions(config, self._load)
            else:
                model.configure(config)
            models[name] = model
        removed = [model for name, model in self._models.items() if models.get(name) is not model]
        self._models = models
        for model in removed:
            model.close()

    def start(self) -> None:
        """Starts the watching thread and returns at once. Versions become available when they are loaded."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """Stops the watching thread. If a version is being loaded, waits up to `timeout_seconds` for it."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def poll(self) -> None:
        """Checks the configuration file and the folders of all models once."""
        stamp = _file_stamp(self._config_file)
        if self._config_file is not None and stamp != self._config_stamp:
            self._config_stamp = stamp
            try:
                self._apply_configs(read_model_configs(self._config_file))
            except (OSError, ValueError) as error:
                logging.error("keeping the previous configuration: %s", error)
        for model in self._models.values():
            model.poll()

    def _watch(self):
        while not self._stopped.is_set():
            try:
                self.poll()
            except Exception:  # noqa: BLE001  the thread must survive a failed check
                logging.exception("checking for versions failed")
            if not self._poll_seconds:
                return
            self._stopped.wait(self._poll_seconds)

    def model(self, name: str) -> ModelVersions | None:
        """Returns the `ModelVersions` of a model, or None if it is unknown."""
        return self._models.get(name)

    @property
    def names(self) -> list[str]:
        """Names of the models."""
        return list(self._models)

    def use(self, choice: ModelChoice) -> AbstractContextManager[Servable]:
        """Returns the context manager of `ModelVersions.use`.

        Raises:
          ServingError: NOT_FOUND if the model is unknown, INVALID_ARGUMENT if the request also names a label.
        """
        model = self._find(choice)
        if model is None:
            raise ServingError("NOT_FOUND", f"Servable not found for request: {choice}")
        return model.use(choice)

    def status(self, choice: ModelChoice) -> dict[str, Any]:
        """Returns the answer to a status request.

        Raises:
          ServingError: NOT_FOUND, or INVALID_ARGUMENT for an unknown label.
        """
        model = self._find(choice)
        if model is not None:
            return model.status(choice)
        if choice.version is not None:
            raise ServingError("NOT_FOUND", f"Could not find version {choice.version} of model {choice.model}")
        raise ServingError("NOT_FOUND", f"Could not find any versions of model {choice.model}")

    def _find(self, choice):
        model = self._models.get(choice.model)
        if model is None and choice.label is not None:
            raise unknown_label(choice.label)
        return model


def _file_stamp(path):
    if path is None:
        return None
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size
