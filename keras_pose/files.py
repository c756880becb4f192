"""Files that are either whole or not there: written to a temporary name, then renamed."""

import contextlib
import json
import os
import tempfile

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextlib.contextmanager
def replace_atomically(path):
    """Yields a temporary path beside `path`; on a clean exit it takes the place of `path`, on an error it is removed.

    Args:
      path: str or path-like, the file to write. Its folder is created where it is missing.

    Raises:
      OSError: where the folder cannot be created or written.
    """
    path = os.fspath(path)
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, exist_ok=True)
    # The ending stays last: writers such as OpenCV and Keras choose the format by it.
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".writing-", suffix="-" + os.path.basename(path))
    os.close(handle)
    os.chmod(temporary, 0o666 & ~umask())
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)
        raise


def write_text(path, text):
    """Writes `text` (str) to `path` as UTF-8, whole or not at all."""
    with replace_atomically(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


def write_json(path, value):
    """Writes `value` to `path` as indented JSON, whole or not at all. NaN and infinity are refused (ValueError)."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(path):
    """Reads a JSON file.

    Raises:
      ValueError: where the file is not JSON; the message names the file and the place in it.
    """
    with open(path, encoding="utf-8") as file:
        try:
            return json.load(file)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{path}: expected JSON, but {error}") from error


@contextlib.contextmanager
def hold_folder(path, message):
    """Keeps other processes that hold a folder out of it inside the block; a killed process holds it no longer.

    On Windows, which has no such locks, nobody is kept out.

    Args:
      path: str or path-like, a folder that is there.
      message: str, of the error.

    Raises:
      ValueError: where another process holds it.
    """
    if fcntl is None:
        yield
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ValueError(message) from error
        yield
    finally:
        os.close(folder)


def umask() -> int:
    """Returns the permissions that new files and folders of this process are not to have; `tempfile` gives fewer."""
    current = os.umask(0)
    os.umask(current)
    return current
