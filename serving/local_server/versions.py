"""The versions of one model: loads and unloads them, and chooses one for each request.

Follows TensorFlow Serving's availability preserving policy: a new version is loaded and warmed up first. Meanwhile the
old one answers. It is unloaded only when a wanted version is available, and its running requests finish first.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from serving.local_server.errors import ServingError, as_serving_error, unknown_label
from serving.local_server.model_config import ModelConfig
from serving.local_server.rest_paths import ModelChoice
from serving.local_server.version_folders import find_versions, list_file_states, suggest_base_paths
from serving.local_server.version_records import Record, RetryPolicy

if TYPE_CHECKING:
    from serving.local_server.servable import Servable


class ModelVersions:
    """The versions of one model. Only one thread at a time may call `poll`; the other methods are thread-safe.

    Args:
      config: can be replaced at any time with `configure`.
      load: function of (folder, version) that returns a servable ready to serve. If it raises an exception, the
        version is tried again, or its status reports the error.
      retries: when a version that could not be loaded is tried again; None: the defaults.

    Attributes:
      failure: why no version could be loaded at the start, or None.
    """

    def __init__(
        self, config: ModelConfig, load: Callable[[str, int], Servable], retries: RetryPolicy | None = None
    ) -> None:
        self.config = config
        self.failure: str | None = None
        self._load = load
        self._retries = retries or RetryPolicy()
        self._records: dict[int, Record] = {}
        self._has_served = False
        self._warned = False
        self._lock = threading.Lock()

    def configure(self, config: ModelConfig) -> None:
        """Replaces the configuration. Labels move at once; the next `poll` loads and unloads versions."""
        with self._lock:
            self.config = config

    def poll(self) -> None:
        """Loads and unloads versions as the folder and the configuration require.

        If the folder cannot be listed, nothing changes.
        """
        config = self.config
        try:
            found = find_versions(config.base_path)
        except OSError as error:
            logging.warning("model %s: %s", config.name, error)
            return
        self._warn_if_empty(found)
        self._serve({version: found[version] for version in config.choose(found)})

    def _warn_if_empty(self, found):
        if not found and not self._warned:
            logging.warning(
                "model %s: no version to serve in %s: expected folders named by a number that hold saved_model.pb%s",
                self.config.name,
                self.config.base_path,
                "".join(f"; did you mean {folder}?" for folder in suggest_base_paths(self.config.base_path)[:1]),
            )
        self._warned = not found

    def close(self) -> None:
        """Stops serving every version. A version in use is unloaded when its last request is done."""
        self._serve({})

    def _serve(self, wanted):
        # Load the new versions first; unload the old ones only if a wanted version is available.
        for version, folder in wanted.items():
            self._load_if_needed(version, folder)
        with self._lock:
            available = {number for number, record in self._records.items() if record.state == "AVAILABLE"}
            if not wanted or available & wanted.keys():
                for version in available - wanted.keys():
                    self._records[version].retire()
            for version in self._records.keys() - wanted.keys():
                self._retries.give_up_removed(self._records[version], time.monotonic())
        self._has_served |= bool(available)
        if wanted and not self._has_served:
            errors = [f"version {number}: {self._records[number].error}" for number in sorted(wanted)]
            self.failure = "; ".join(errors)

    def _load_if_needed(self, version, folder):
        record = self._records.get(version)
        stamp = list_file_states(folder)
        if record is None or (record.state == "END" and record.error is None):
            record = Record(stamp)
            with self._lock:
                self._records[version] = record
        elif not self._retries.is_due(record, stamp, time.monotonic()):
            return
        record.start(stamp)
        try:
            servable = self._load(folder, version)
        except Exception as error:  # noqa: BLE001  a broken model must not stop the others
            logging.warning("model %s version %d cannot be served: %s", self.config.name, version, error)
            with self._lock:
                # At the start, TensorFlow Serving does not try again.
                self._retries.note_failure(record, as_serving_error(error), time.monotonic(), self._has_served)
            return
        with self._lock:
            record.servable = servable
            record.state = "AVAILABLE"
        logging.info("model %s version %d is available", self.config.name, version)

    @contextlib.contextmanager
    def use(self, choice: ModelChoice) -> Iterator[Servable]:
        """Yields the servable for a request; it stays loaded until the block ends.

        Args:
          choice: the model and version of the request.

        Raises:
          ServingError: NOT_FOUND if the version is not available, INVALID_ARGUMENT for an unknown label.
        """
        with self._lock:
            version = self._resolve(choice)
            if version is None:
                version = max((number for number, r in self._records.items() if r.state == "AVAILABLE"), default=None)
            record = self._records.get(version) if version is not None else None
            if record is None or record.servable is None or record.state != "AVAILABLE":
                resolved = choice if version is None else choice._replace(version=version)
                raise ServingError("NOT_FOUND", f"Servable not found for request: {resolved}")
            record.num_running += 1
            servable = record.servable
        try:
            yield servable
        finally:
            del servable  # drop the reference, so that the memory of an unloaded version is freed
            with self._lock:
                record.release()

    def _resolve(self, choice):
        if choice.label is None:
            return choice.version
        if choice.label not in self.config.labels:
            raise unknown_label(choice.label)
        return self.config.labels[choice.label]

    def status(self, choice: ModelChoice) -> dict[str, Any]:
        """Returns the answer to a status request: the state of one version, or of all versions seen so far.

        Args:
          choice: the model and version of the request. As in TensorFlow Serving, its label has no effect.

        Raises:
          ServingError: NOT_FOUND if there is no such version, or none at all.
        """
        with self._lock:
            if choice.version is None:
                # TensorFlow Serving lists the highest version first.
                records = sorted(self._records.items(), reverse=True)
                if not records:
                    raise ServingError("NOT_FOUND", f"Could not find any versions of model {choice.model}")
            elif choice.version in self._records:
                records = [(choice.version, self._records[choice.version])]
            else:
                raise ServingError("NOT_FOUND", f"Could not find version {choice.version} of model {choice.model}")
            return {"model_version_status": [record.status(number) for number, record in records]}

    def is_available(self, version: int | None = None) -> bool:
        """Returns whether a version can answer requests. None: any version."""
        with self._lock:
            numbers = self._records.keys() if version is None else {version} & self._records.keys()
            return any(self._records[number].state == "AVAILABLE" for number in numbers)
