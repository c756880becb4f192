"""All models of the server, and the thread that watches their folders and the configuration file."""

from __future__ import annotations

import logging
import os
import threading

from serving.local_server.errors import ServingError, unknown_label
from serving.local_server.model_config import read_model_configs
from serving.local_server.servable import Servable
from serving.local_server.versions import ModelVersions
from serving.local_server.warmup import warm_up


def load_and_warm_up(folder, version):
    """Returns the `Servable` of a version's folder, its warm-up requests answered."""
    servable = Servable(folder, version)
    warm_up(servable)
    return servable


class ModelManager:
    """Keeps the models in line with their folders.

    Args:
      configs: dict of model name to ModelConfig.
      poll_seconds: float, the pause between looks at the disk; 0: look once.
      config_file: str or None, read again whenever it changes.
      base_paths: dict of model name to folder; these win over the file's `base_path`.
      load: callable (folder, version) -> servable.
    """

    def __init__(self, configs, poll_seconds=1.0, config_file=None, base_paths=None, load=load_and_warm_up):
        self._load = load
        self._poll_seconds = poll_seconds
        self._config_file = config_file
        self._config_stamp = _file_stamp(config_file)
        self._base_paths = base_paths or {}
        self._models = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="model-versions", daemon=True)
        self._take_over(configs)

    def _take_over(self, configs):
        models = {}
        for name, config in configs.items():
            config = config._replace(base_path=self._base_paths.get(name, config.base_path))
            model = self._models.get(name)
            if model is None or model.config.base_path != config.base_path:
                model = ModelVersions(config, self._load)
            else:
                model.configure(config)
            models[name] = model
        gone = [model for name, model in self._models.items() if models.get(name) is not model]
        self._models = models
        for model in gone:
            model.close()

    def start(self):
        """Starts watching. Returns at once; versions become available as they are loaded."""
        self._thread.start()

    def stop(self, timeout_seconds=5.0):
        """Ends the watching; a load that is under way is waited for up to `timeout_seconds`."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def poll(self):
        """Looks once at the configuration file and at the folders of all models."""
        stamp = _file_stamp(self._config_file)
        if stamp != self._config_stamp:
            self._config_stamp = stamp
            try:
                self._take_over(read_model_configs(self._config_file))
            except (OSError, ValueError) as error:
                logging.error("the configuration stays as it was: %s", error)
        for model in self._models.values():
            model.poll()

    def _watch(self):
        while not self._stopped.is_set():
            try:
                self.poll()
            except Exception:  # noqa: BLE001  the watch must outlive one bad look
                logging.exception("looking for versions failed")
            if not self._poll_seconds:
                return
            self._stopped.wait(self._poll_seconds)

    def model(self, name):
        """Returns the `ModelVersions` of a model, or None."""
        return self._models.get(name)

    @property
    def names(self):
        """list of str, the models."""
        return list(self._models)

    def use(self, choice):
        """Returns the context manager of `ModelVersions.use`.

        Raises:
          ServingError: NOT_FOUND where there is no such model, INVALID_ARGUMENT where a label is asked of it.
        """
        model = self._find(choice)
        if model is None:
            raise ServingError("NOT_FOUND", f"Servable not found for request: {choice}")
        return model.use(choice)

    def status(self, choice):
        """Returns the status answer (dict) for a ModelChoice.

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
