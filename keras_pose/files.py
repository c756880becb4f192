"""Writes files atomically: to a temporary name, which is then renamed. A reader sees the whole file or the old one."""

from __future__ import annotations

import codecs
import contextlib
import errno
import json
import os
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

_END_BYTES = 22  # the end of a zip archive without a comment
# Characters of patterns. TensorFlow reads the path of a SavedModel as a pattern and does not find such a folder.
_PATTERN_CHARACTERS = frozenset("[]*?\\")
_KEPT_ENDING = 32  # characters of a file's name that its temporary name ends with


@contextlib.contextmanager
def replace_atomically(path: str | os.PathLike[str]) -> Iterator[str]:
    """Yields a temporary path in the same folder. After the block it replaces `path`; after an error it is removed.

    Args:
      path: the file to write. Its folder is created if it is missing.

    Raises:
      OSError: if the file cannot be written (full disk, no permission, …); the message is one line of the path and the
        reason. The old file is unchanged then.
    """
    path = os.fspath(path)
    folder = os.path.dirname(path) or "."
    with name_unwritable(path):
        os.makedirs(folder, exist_ok=True)
        # The name keeps its ending: writers such as OpenCV and Keras choose the format by it.
        ending = os.path.basename(path)[-_KEPT_ENDING:]
        ending = ending.encode(errors="replace").decode()  # some of them cannot write to names whose bytes are no UTF-8
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".writing-", suffix=f"-{ending}")
        os.close(handle)
    try:
        with name_unwritable(path, temporary):
            os.chmod(temporary, 0o666 & ~umask())
            yield temporary
            os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):  # the error of the block is the one to report
            os.remove(temporary)
        raise


@contextlib.contextmanager
def name_unwritable(path: str | os.PathLike[str], temporary: str | None = None) -> Iterator[None]:
    """Makes of an error of the file system inside the block one line that names the file and the reason.

    Args:
      path: the file or folder that the block writes.
      temporary: if given, errors that name another file pass unchanged: the block may also read files.

    Raises:
      OSError: `<path>: cannot be written: <reason>`, with the number of the error.
    """
    try:
        yield
    except OSError as error:
        named = error.filename
        if temporary is not None and named is not None and os.fspath(named) != temporary:
            raise
        if temporary is not None and error.errno is None:  # not an error of the file system
            raise
        reason = os.strerror(error.errno) if error.errno else " ".join(str(error).split())
        failure = OSError(f"{os.fspath(path)}: cannot be written: {reason}")
        failure.errno = error.errno
        raise failure from error


def reserve(path: str | os.PathLike[str], size: int) -> None:
    """Fills a file with random bytes, to find out whether there is room for what a library will write there.

    HDF5 ends the whole process if its file cannot grow. The library must begin with an empty file.

    Args:
      path: the file.
      size: bytes, at least as many as will be written.

    Raises:
      OSError: if there is no room.
    """
    chunk = os.urandom(1 << 20)  # a file system cannot compress it
    with open(path, "wb") as file:
        for start in range(0, size, len(chunk)):
            file.write(chunk[: size - start])


@contextlib.contextmanager
def without_pattern(folder: str | os.PathLike[str]) -> Iterator[str]:
    """Yields a path of a folder that can be read as a pattern: the folder itself, or a link to it.

    TensorFlow finds the variables of a SavedModel by a pattern that it makes of the folder's path. If the path contains
    characters such as [ ], a link in a temporary folder stands for it inside the block.

    Args:
      folder: a folder that exists.
    """
    path = os.fspath(folder)
    if not _PATTERN_CHARACTERS & set(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="keras_pose-") as links:
        link = os.path.join(links, "saved_model")
        os.symlink(os.path.abspath(path), link, target_is_directory=True)
        yield link


def split_paths(text: str) -> list[str]:
    """Splits a list of paths at its commas, but not at those inside paths that exist.

    Args:
      text: paths separated by commas. From the left, the longest path that exists is taken; if none exists, the text up
        to the next comma. Spaces around a path are removed unless the path exists with them.
    """
    parts = text.split(",")
    paths = []
    while parts:
        ends = range(len(parts), 0, -1)
        candidates = [(end, path) for end in ends for path in _with_and_without_spaces(",".join(parts[:end]))]
        end, path = next((c for c in candidates if c[1] and os.path.exists(c[1])), (1, parts[0].strip()))
        paths.append(path)
        parts = parts[end:]
    return [path for path in paths if path]


def _with_and_without_spaces(path):
    return path, path.strip()


def check_folder(path: str | os.PathLike[str], flag: str) -> None:
    """Checks that a folder can be written to, or made, without making it.

    Args:
      path: the folder.
      flag: the flag that names it, for the message.

    Raises:
      ValueError: if it is a file, or it or the folder to make it in cannot be written to.
    """
    place = os.path.abspath(path)
    while not os.path.lexists(place):
        place = os.path.dirname(place)
    if not os.path.isdir(place):
        raise ValueError(
            f"{flag}: expected a folder that can be written, received {os.fspath(path)}: {place} is a file"
        )
    if not os.access(place, os.W_OK | os.X_OK):
        reason = os.strerror(errno.EROFS if _is_read_only(place) else errno.EACCES)
        raise ValueError(f"{flag}: expected a folder that can be written, received {os.fspath(path)}: {reason}")


def _is_read_only(folder):
    """Whether the disk of a folder is; unknown, so no, on Windows."""
    return hasattr(os, "statvfs") and bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Writes `text` to `path` as UTF-8, atomically."""
    with replace_atomically(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Writes `value` to `path` as indented JSON, atomically.

    Raises:
      ValueError: if the value contains NaN or infinity, which JSON does not have.
    """
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, Any], compressed: bool = False) -> None:
    """Writes named arrays as a NumPy archive (.npz), atomically.

    Unlike `np.savez`, it leaves no archive open if the disk is full: Python would report that a second time.

    Args:
      path: the file to write.
      arrays: arrays by name; numbers and strings become arrays without axes. Arrays of objects are refused.
      compressed: whether to compress the arrays.

    Raises:
      OSError: if the file cannot be written; the message names it.
    """
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with replace_atomically(path) as temporary, zipfile.ZipFile(temporary, "w", method) as archive:
        for name, value in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(value), allow_pickle=False)


def read_arrays(path: str | os.PathLike[str], kind: str = "an archive of arrays") -> dict[str, np.ndarray]:
    """Reads the arrays of a NumPy archive (.npz).

    Args:
      path: the file.
      kind: what it should be, for messages.

    Returns:
      Arrays by name.

    Raises:
      OSError: if there is no such file, or it cannot be read.
      ValueError: if it is no such archive, or damaged; the message names it.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = {name: archive[name] for name in archive.files}
        _check_count(path, len(found))
        return found
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except Exception as error:  # NumPy and zipfile raise almost anything for a damaged file
        raise ValueError(f"{os.fspath(path)}: expected {kind} (.npz), but {error}") from error


def _check_count(path, found):
    """Compares the number of arrays with that at the end of the archive: damage can hide some from zipfile."""
    with open(path, "rb") as file:
        file.seek(-_END_BYTES, os.SEEK_END)
        end = file.read()
    (count,) = struct.unpack_from("<H", end, 10)
    if end.startswith(b"PK\5\6") and count not in (found, 0xFFFF):  # the latter: the count is elsewhere
        raise ValueError(f"it holds {found} of {count} arrays")


def read_text(path: str | os.PathLike[str]) -> str:
    """Reads a text file in UTF-8, or in UTF-16 with a byte-order mark, as some programs of Windows write it.

    Returns:
      The text without the mark; its lines end with `\\n`.

    Raises:
      ValueError: if it is not such text; the message names the file and, for UTF-8, the line.
    """
    with open(path, "rb") as file:
        data = file.read()
    is_utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "UTF-16" if is_utf_16 else "UTF-8"
    data = data[len(codecs.BOM_UTF8) :] if data.startswith(codecs.BOM_UTF8) else data
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        place = path if is_utf_16 else f"{path}:{number}"
        raise ValueError(f"{place}: expected text in {encoding}, but {error.reason}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_json(path: str | os.PathLike[str]) -> Any:
    """Reads a JSON file.

    Raises:
      ValueError: if the file is not JSON; the message names the file and the place in it.
    """
    with open(path, "rb") as file:
        data = file.read()
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError(f"{path}: expected JSON, but its lists or objects are nested too deeply") from None
    except ValueError as error:  # also numbers of thousands of digits
        raise ValueError(f"{path}: expected JSON, but {error}") from error


def umask() -> int:
    """Returns the permission bits that this process removes from new files and folders.

    `tempfile` removes more, so files that others read need their permissions set.
    """
    current = os.umask(0)
    os.umask(current)
    return current
