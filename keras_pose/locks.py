"""Folders and files that one process holds: locks of the kernel, which end with the process."""

from __future__ import annotations

import contextlib
import errno
import os
import warnings
from collections.abc import Iterator

from keras_pose import files, lock_owner

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FILE_NAME = ".lock"  # the file in a folder that the process that writes there has locked

# What systems say that have no locks: network disks, and disks of user programs.
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL})


class NoLocksWarning(UserWarning):
    """The file system has no locks, so two processes could write to one folder."""


@contextlib.contextmanager
def hold_folder(path: str | os.PathLike[str], message: str) -> Iterator[None]:
    """Locks a folder inside the block, so that other processes cannot lock it: `hold_file` of the file `.lock` in it.

    Args:
      path: a folder that exists and can be written.
      message: begins the message of the error, which then names the process and says what to do.

    Raises:
      ValueError: if another process has locked the folder.
      OSError: if the lock file cannot be written.
    """
    with hold_file(os.path.join(path, FILE_NAME), message):
        yield


@contextlib.contextmanager
def hold_file(path: str | os.PathLike[str], message: str) -> Iterator[None]:
    """Locks a file inside the block, so that other processes cannot lock it. The lock of a killed process ends.

    The lock is one of the kernel (`flock`). The file is made, says who holds it, and is removed at the end. On NFS the
    lock also counts for other machines (Linux passes it to the server). If the file system has no locks, a warning says
    so, and only a process of this machine that is known to run is refused. Windows has no such locks; there the block
    runs without one.

    Args:
      path: a file that is there for nothing else.
      message: begins the message of the error, which then names the process and says what to do.

    Raises:
      ValueError: if another process has locked the file.
      OSError: if the file cannot be written.
    """
    if fcntl is None:
        yield
        return
    lock = os.fspath(path)
    with files.name_unwritable(lock):
        handle = _open_locked(lock, message)
    try:
        lock_owner.write(handle, lock_owner.this_process())
        yield
    finally:
        with contextlib.suppress(OSError):  # the block may have removed the folder
            os.remove(lock)  # before the lock ends: afterwards it could be that of the next process
        os.close(handle)


def _open_locked(lock, message):
    """Opens and locks a lock file. If its owner removes it meanwhile, the lock is on no file, and another is made."""
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(handle, lock, message)
            if _is_at(handle, lock):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _lock(handle, lock, message):
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ValueError(lock_owner.describe_refusal(message, lock_owner.read(handle))) from error
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        owner = lock_owner.read(handle)
        if owner is not None and owner.pid != os.getpid() and owner.is_alive():
            raise ValueError(lock_owner.describe_refusal(message, owner)) from error
        known = f"; {owner.text()} was the last to write there" if owner is not None else ""
        warnings.warn(
            f"{lock}: this file system has no locks ({os.strerror(error.errno)}): make sure that no other process "
            f"writes to this folder{known}",
            NoLocksWarning,
            stacklevel=5,
        )


def _is_at(handle, path):
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False
