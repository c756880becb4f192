"""The state of one version of a model, and when a version that could not be loaded is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from serving.local_server.errors import ServingError

if TYPE_CHECKING:
    from serving.local_server.servable import Servable

FileStates = list[tuple[str, str, int, int]]


class Record:
    """The state of one version.

    Attributes:
      state: LOADING, AVAILABLE, UNLOADING or END.
      error: why it was given up, or None.
      servable: what answers its requests, or None.
      stamp: changes with its files.
      num_running: number of its running requests.
      num_failures: how often it could not be loaded.
      retry_at: time (`time.monotonic`) in s of the next attempt, or None.
    """

    def __init__(self, stamp: FileStates) -> None:
        self.state = "LOADING"
        self.error: ServingError | None = None
        self.servable: Servable | None = None
        self.stamp = stamp
        self.num_running = 0
        self.num_failures = 0
        self.retry_at: float | None = None

    def start(self, stamp: FileStates) -> None:
        """Notes that the version is being loaded."""
        self.state = "LOADING"
        self.error = None
        self.stamp = stamp
        self.retry_at = None

    def retire(self) -> None:
        """Ends the version as soon as its last request is done."""
        self.state = "UNLOADING"
        if not self.num_running:
            self._end()

    def release(self) -> None:
        """Notes that a request is done."""
        self.num_running -= 1
        if self.state == "UNLOADING" and not self.num_running:
            self._end()

    def _end(self):
        self.state = "END"
        self.servable = None

    def status(self, version: int) -> dict[str, Any]:
        """Returns the entry of the version in the answer to a status request."""
        code, message = (self.error.code, self.error.message) if self.error else ("OK", "")
        return {
            "version": str(version),
            "state": self.state,
            "status": {"error_code": code, "error_message": message},
        }


class RetryPolicy(NamedTuple):
    """When a version that could not be loaded is tried again. Meanwhile its state is LOADING.

    Attributes:
      max_retries: number of further attempts.
      interval_s: pause before each of them in s.
      strict: whether files that change and removed folders have to wait for the next attempt, as in TensorFlow Serving.
    """

    max_retries: int = 5
    interval_s: float = 60.0
    strict: bool = False

    def is_due(self, record: Record, stamp: FileStates, now_s: float) -> bool:
        """Returns whether to load a version now: its pause is over, or its files have changed."""
        if record.retry_at is None and record.error is None:
            return False  # it is available, or about to end
        return (record.stamp != stamp and not self.strict) or (record.retry_at is not None and now_s >= record.retry_at)

    def note_failure(self, record: Record, error: ServingError, now_s: float, may_retry: bool) -> None:
        """Plans the next attempt, or gives the version up."""
        record.num_failures += 1
        if may_retry and record.num_failures <= self.max_retries:
            record.retry_at = now_s + self.interval_s
        else:
            record.error = error
            record.state = "END"

    def give_up_removed(self, record: Record, now_s: float) -> None:
        """Ends a version that waits for its next attempt and is no longer wanted."""
        if record.retry_at is not None and (not self.strict or now_s >= record.retry_at):
            record.retry_at = None
            record.state = "END"
