"""The versions of one model: which are loaded, which is asked, and how one takes the place of another.

As TensorFlow Serving's availability preserving policy does it: a new version is loaded and warmed up first, the old
one answers all that time and goes only when a wanted version is available; whoever still runs on it finishes.
"""

from __future__ import annotations

import contextlib
import logging
import threading

from serving.local_server.errors import ServingError, as_serving_error, unknown_label
from serving.local_server.version_folders import find_models_near, find_versions, stamp_of


class _Record:
    """What is known of one version; `stamp` changes with its files, `num_running` counts who uses it."""

    def __init__(self, stamp):
        self.state = "LOADING"
        self.error = None
        self.servable = None
        self.stamp = stamp
        self.num_running = 0


class ModelVersions:
    """The versions of one model. `poll` is for one thread at a time, everything else for any.

    Args:
      config: ModelConfig; may be replaced at any time (`configure`).
      load: callable (folder, version) -> servable, ready to serve; whatever it raises is kept as the version's status.
    """

    def __init__(self, config, load):
        self.config = config
        self._load = load
        self._records = {}
        self._warned = False
        self._lock = threading.Lock()

    def configure(self, config):
        """Takes over a new configuration; the next `poll` acts on it, labels move at once."""
        with self._lock:
            self.config = config

    def poll(self):
        """Brings what is loaded in line with what lies on the disk and is asked for.

        Where the folder cannot be listed everything stays as it is.
        """
        config = self.config
        try:
            found = find_versions(config.base_path)
        except OSError as error:
            logging.warning("model %s: %s", config.name, error)
            return
        self._warn_of_none(found)
        self._serve({version: found[version] for version in config.choose(found)})

    def _warn_of_none(self, found):
        if not found and not self._warned:
            logging.warning(
                "model %s: no version to serve in %s: expected folders with a number for a name that hold "
                "saved_model.pb%s",
                self.config.name,
                self.config.base_path,
                "".join(f"; did you mean {folder}?" for folder in find_models_near(self.config.base_path)[:1]),
            )
        self._warned = not found

    def close(self):
        """Stops serving every version; those in use go when their last request is done."""
        self._serve({})

    def _serve(self, wanted):
        for version, folder in wanted.items():
            self._load_where_needed(version, folder)
        with self._lock:
            available = {number for number, record in self._records.items() if record.state == "AVAILABLE"}
            if not wanted or available & wanted.keys():
                for version in available - wanted.keys():
                    self._retire(version)

    def _load_where_needed(self, version, folder):
        record = self._records.get(version)
        if record and record.state != "END":
            return
        stamp = stamp_of(folder)
        # A version that failed is tried again when its files change: it may have been read while being copied.
        if record and record.error and record.stamp == stamp:
            return
        with self._lock:
            record = self._records[version] = _Record(stamp)
        try:
            servable = self._load(folder, version)
        except Exception as error:  # noqa: BLE001  whatever a broken model raises, the others are served on
            logging.warning("model %s version %d cannot be served: %s", self.config.name, version, error)
            with self._lock:
                record.state, record.error = "END", as_serving_error(error)
            return
        with self._lock:
            record.servable, record.state = servable, "AVAILABLE"
        logging.info("model %s version %d is available", self.config.name, version)

    def _retire(self, version):
        record = self._records[version]
        record.state = "UNLOADING"
        if not record.num_running:
            record.state, record.servable = "END", None

    @contextlib.contextmanager
    def use(self, choice):
        """Yields the servable that a request asks for; it stays loaded until the block is left.

        Args:
          choice: ModelChoice.

        Raises:
          ServingError: NOT_FOUND where this version, or any, is not available; INVALID_ARGUMENT for an unknown label.
        """
        with self._lock:
            version = self._resolve(choice)
            if version is None:
                version = max((number for number, r in self._records.items() if r.state == "AVAILABLE"), default=None)
            record = self._records.get(version)
            if record is None or record.state != "AVAILABLE":
                named = choice if version is None else choice._replace(version=version)
                raise ServingError("NOT_FOUND", f"Servable not found for request: {named}")
            record.num_running += 1
            servable = record.servable
        try:
            yield servable
        finally:
            del servable
            with self._lock:
                record.num_running -= 1
                if record.state == "UNLOADING" and not record.num_running:
                    record.state, record.servable = "END", None

    def _resolve(self, choice):
        if choice.label is None:
            return choice.version
        if choice.label not in self.config.labels:
            raise unknown_label(choice.label)
        return self.config.labels[choice.label]

    def status(self, choice):
        """Returns the state of one version, or of all that were ever seen, in the form of the status answer.

        Args:
          choice: ModelChoice.

        Raises:
          ServingError: NOT_FOUND, or INVALID_ARGUMENT for an unknown label.
        """
        with self._lock:
            version = self._resolve(choice)
            if version is None:
                # TensorFlow Serving lists the highest version first.
                records = sorted(self._records.items(), reverse=True)
                if not records:
                    raise ServingError("NOT_FOUND", f"Could not find any versions of model {choice.model}")
            elif version in self._records:
                records = [(version, self._records[version])]
            else:
                raise ServingError("NOT_FOUND", f"Could not find version {version} of model {choice.model}")
            return {"model_version_status": [_status(number, record) for number, record in records]}

    def any_available(self):
        """Says whether a request for the newest version can be answered."""
        with self._lock:
            return any(record.state == "AVAILABLE" for record in self._records.values())


def _status(version, record):
    code, message = (record.error.code, record.error.message) if record.error else ("OK", "")
    return {
        "version": str(version),
        "state": record.state,
        "status": {"error_code": code, "error_message": message},
    }
