"""What commands on many videos share, whether these are done one after the other here or at once on a cluster."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from keras_pose import console, files, locks
from keras_pose.analysis.names import name_videos
from keras_pose.cluster import jobs, ray_jobs
from keras_pose.cluster.config import RayConfig


@dataclasses.dataclass(frozen=True)
class VideoJob:
    """A video to work on.

    Args:
      path: path of the video.
      name: name of its files.
      known: its entry in the record of earlier commands; empty if there is none.
    """

    path: str
    name: str
    known: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Done:
    """What became of a video.

    Args:
      name: name of its files.
      entry: what the record says of it; None if the record says it already.
      text: a line for the user.
      failed: whether it failed; then what is finished of it is kept.
    """

    name: str
    entry: dict[str, Any] | None
    text: str
    failed: bool = False


class VideoWork(jobs.Work, Protocol):
    """What is done with each video."""

    @property
    def doing(self) -> str:
        """What is done, such as "predicting"."""

    @property
    def folder(self) -> str:
        """The folder that is written to."""

    @property
    def config(self) -> Any:
        """The flags, with the parts `share` (`PartConfig`) and `ray` (`RayConfig`)."""


class Record(Protocol):
    """What is known of the videos of a folder."""

    def taken(self) -> dict[str, str]:
        """Returns the absolute paths of the videos that have entries, by name."""

    def entry(self, name: str) -> dict[str, Any]:
        """Returns the entry of a video; empty if there is none."""

    def put(self, name: str, entry: dict[str, Any]) -> None:
        """Replaces the entry of a video, and writes the record."""


@contextlib.contextmanager
def writing_to(folder: str) -> Iterator[None]:
    """Makes a folder and holds it in the block; what killed processes were writing to it is removed.

    Raises:
      ValueError: if another process writes to the folder.
      OSError: if it cannot be written.
    """
    with files.name_unwritable(folder):
        os.makedirs(folder, exist_ok=True)
    with locks.hold_folder(folder, f"--out_dir: another process is writing to {folder}"):
        for name in os.listdir(folder):
            if name.startswith(".writing-"):
                with contextlib.suppress(OSError):
                    os.remove(os.path.join(folder, name))
        yield


def run(
    work: VideoWork, do: jobs.Do, videos: Sequence[str], record: Record, echo: Callable[[str], None]
) -> tuple[int, int]:
    """Works on the part of the videos that the flags choose, here or on a cluster, and records what becomes of each.

    Args:
      work: what is done with each video.
      do: what `work.open` returns, but for the locks of a cluster: it is called with a `VideoJob` in this process.
      videos: paths of all videos.
      record: the record of the folder.
      echo: function that shows a line of text.

    Returns:
      How many videos failed, of how many.
    """
    share = work.config.share
    names = share.choose(name_videos(videos, record.taken()))
    found = [VideoJob(path, name, record.entry(name)) for path, name in zip(share.choose(videos), names)]
    failed = 0
    with shown(work.doing, len(found), work.config.ray) as count:
        for done in jobs.run(work, found, work.config.ray, do):
            finish(work.folder, done, record.put, echo)
            failed += done.failed
            count()
    return failed, len(found)


def finish(folder: str, done: Done, put: Callable[[str, dict[str, Any]], None], echo: Callable[[str], None]) -> None:
    """Records what became of a video, and then removes what was kept to go on with it.

    Args:
      folder: folder that is written to.
      done: what became of it.
      put: function of name and entry that records it.
      echo: function that shows a line of text.
    """
    if done.entry is not None:
        put(done.name, done.entry)
    if not done.failed:  # if it was finished before, a process may have been killed before it removed them
        shutil.rmtree(parts_folder(folder, done.name), ignore_errors=True)
    with contextlib.suppress(OSError):
        os.remove(_lock_file(folder, done.name))
    echo(done.text)


def parts_folder(folder: str, name: str) -> str:
    """Returns the folder of the finished parts of a video."""
    return os.path.join(folder, f".{name}.parts")


def alone(folder: str, do: Callable[[Any], Done]) -> Callable[[Any], Done]:
    """Returns a function that does a job while no other process of the cluster does the same.

    Args:
      folder: folder that is written to.
      do: does a job that has a `name`.
    """

    def do_alone(job: Any) -> Done:
        with ray_jobs.hold_job(_lock_file(folder, job.name)):
            return do(job)

    return do_alone


def check_shared(folder: str) -> None:
    """Checks that a machine of a cluster sees the folder that the command has made.

    Raises:
      OSError: if it does not; the message names the machine.
    """
    if not os.path.isdir(folder):
        raise OSError(
            f"--out_dir: {folder}: not found on {socket.gethostname()}; all machines need the same folders at the same "
            "paths"
        )


@contextlib.contextmanager
def shown(doing: str, total: int, config: RayConfig) -> Iterator[Callable[[], None]]:
    """Yields a function that counts a finished video, and shows how far a cluster is.

    In one process each video shows its own progress, so nothing is shown then.

    Args:
      doing: what is done, such as "predicting".
      total: number of videos.
      config: the cluster, if there is one.
    """
    if not config.ray_address:
        yield lambda: None
        return
    with contextlib.closing(console.Meter(doing, total, "videos")) as meter:
        yield meter.advance


def _lock_file(folder, name):
    return os.path.join(folder, f".{name}.lock")
