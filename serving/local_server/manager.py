"""All models of the server, and the thread that watches their folders and the configuration file."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from serving.local_server.errors import ServingError, unknown_label
from serving.local_server.model_config import ModelConfig, read_model_configs
from serving.local_server.rest_paths import ModelChoice
from serving.local_server.servable import Servable
from serving.local_server.version_records import RetryPolicy
from serving.local_server.versions import ModelVersions
from serving.local_server.warmup import warm_up


def load_and_warm_up(folder: str, version: int) -> Servable:
    """Loads the version in a folder and runs its warm-up requests."""
    servable = Servable(folder, version)
    warm_up(servable)
    return servable


class WatchSettings(NamedTuple):
    """How the manager follows the disk.

    Attributes:
      poll_s: pause in s between checks of the models' folders; 0: check once.
      config_poll_s: pause in s between readings of the configuration file; 0: read it once.
      allow_new_labels: whether a new label may name a version that is not available.
      retries: when a version that could not be loaded is tried again.
    """

    poll_s: float = 1.0
    config_poll_s: float = 0.0
    allow_new_labels: bool = False
    retries: RetryPolicy = RetryPolicy()


class ModelManager:
    """Keeps the loaded models up to date with their folders and the configuration file.

    Args:
      configs: maps model names to configurations.
      settings: how to follow the disk; None: the defaults.
      config_file: path of the configuration file, or None.
      base_paths: maps model names to folders that override the file's `base_path`.
      load: function of (folder, version) that returns a servable.

    Raises:
      ServingError: FAILED_PRECONDITION if the configurations have labels and `allow_new_labels` is false: no version is
        available yet.
    """

    def __init__(
        self,
        configs: Mapping[str, ModelConfig],
        settings: WatchSettings | None = None,
        config_file: str | None = None,
        base_paths: Mapping[str, str] | None = None,
        load: Callable[[str, int], Servable] = load_and_warm_up,
    ) -> None:
        self._load = load
        self._settings = settings or WatchSettings()
        self._config_file = config_file
        self._base_paths = base_paths or {}
        self._models: dict[str, ModelVersions] = {}
        self._polling = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="model-versions", daemon=True)
        self.configure(configs)

    def configure(self, configs: Mapping[str, ModelConfig]) -> None:
        """Replaces the configurations; the next `poll` loads and unloads models.

        Raises:
          ServingError: FAILED_PRECONDITION if a label may not be moved. Nothing has changed then.
        """
        with self._polling:
            self._check_labels(configs)
            models = {}
            for name, config in configs.items():
                config = config._replace(base_path=self._base_paths.get(name, config.base_path))
                model = self._models.get(name)
                if model is None or model.config.base_path != config.base_path:
                    model = ModelVersions(config, self._load, self._settings.retries)
                else:
                    model.configure(config)
                models[name] = model
            removed = [model for name, model in self._models.items() if models.get(name) is not model]
            self._models = models
            for model in removed:
                model.close()

    def _check_labels(self, configs):
        for name, config in configs.items():
            model = self._models.get(name)
            present = model.config.labels if model else {}
            for label, version in config.labels.items():
                is_new = present.get(label, version) == version
                if (is_new and self._settings.allow_new_labels) or (model and model.is_available(version)):
                    continue
                raise ServingError(
                    "FAILED_PRECONDITION",
                    f"Request to assign label to version {version} of model {name}, which is not currently available "
                    f"for inference (label {label!r}; --allow_version_labels_for_unavailable_models allows new labels)",
                )

    def start(self) -> None:
        """Starts the watching thread and returns at once. Versions become available when they are loaded."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """Stops the watching thread. If a version is being loaded, waits up to `timeout_seconds` for it."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def is_ready(self) -> bool:
        """Returns whether every model has a version that answers requests.

        Raises:
          ValueError: if a model has versions, and none of them could be loaded.
        """
        for name, model in self._models.items():
            if model.failure:
                raise ValueError(f"model {name} did not become available: {model.failure}")
        return all(model.is_available() for model in self._models.values())

    def poll(self) -> None:
        """Checks the folders of all models once."""
        with self._polling:
            for model in self._models.values():
                model.poll()

    def reread_config(self) -> None:
        """Reads the configuration file again. If it is invalid or may not be applied, the previous one stays."""
        if self._config_file is None:
            return
        try:
            self.configure(read_model_configs(self._config_file, self._settings.retries.strict))
        except (OSError, ValueError, ServingError) as error:
            logging.error("keeping the previous configuration: %s", error)

    def _watch(self):
        # Folders are checked at once; the configuration file has just been read.
        due = {self.poll: 0.0}
        pauses = {self.poll: self._settings.poll_s}
        if self._config_file is not None and self._settings.config_poll_s:
            due[self.reread_config] = time.monotonic() + self._settings.config_poll_s
            pauses[self.reread_config] = self._settings.config_poll_s
        while due and not self._stopped.wait(max(0.0, min(due.values()) - time.monotonic())):
            for check in [check for check, time_s in due.items() if time_s <= time.monotonic()]:
                try:
                    check()
                except Exception:  # noqa: BLE001  the thread must survive a failed check
                    logging.exception("checking for versions failed")
                if pauses[check]:
                    due[check] = time.monotonic() + pauses[check]
                else:
                    del due[check]

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
        model = self._models.get(choice.model)
        if model is not None:
            return model.use(choice)
        if choice.label is not None:
            raise unknown_label(choice.label)
        raise ServingError("NOT_FOUND", f"Servable not found for request: {choice}")

    def status(self, choice: ModelChoice) -> dict[str, Any]:
        """Returns the answer to a status request.

        Raises:
          ServingError: NOT_FOUND if there is no such model or version.
        """
        model = self._models.get(choice.model)
        if model is not None:
            return model.status(choice)
        if choice.version is not None:
            raise ServingError("NOT_FOUND", f"Could not find version {choice.version} of model {choice.model}")
        raise ServingError("NOT_FOUND", f"Could not find any versions of model {choice.model}")
