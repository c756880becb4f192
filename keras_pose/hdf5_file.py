"""HDF5 files of other people, opened to read only if they hold all of their data.

A link or a data set of an HDF5 file may point to any other file of the machine: a weights file or a label file from
elsewhere could copy the content of a private file into weights or labels, which are then passed on (CVE-2026-1669 of
Keras 3; Keras 2 has no mended release). No file that this package reads has a reason for that.

The shape of a data set is a few bytes in the file. If one of them is damaged, h5py would fill terabytes with zeros.
"""

from __future__ import annotations

import math
import os

import h5py

_ZLIB_RATIO = 1100  # deflate makes data at most 1,032 times smaller
_SMALL_BYTES = 1 << 20  # always fine


def open_whole(path: str | os.PathLike[str]) -> h5py.File:
    """Opens an HDF5 file to read it, as `h5py.File(path, "r")` does.

    Raises:
      OSError: if there is no such file, or it is damaged or no HDF5 file.
      ValueError: if part of its data lies in another file, or a data set claims to be larger than the file can hold,
        compressed as it may be; the message names the file, and the other file or the data set.
    """
    file = h5py.File(path, "r")
    try:
        _check(file, os.fspath(path))
    except (KeyError, RuntimeError) as error:  # what h5py raises for damaged groups
        file.close()
        raise OSError(f"{os.fspath(path)}: the HDF5 file is damaged: {' '.join(str(error).split())}") from error
    except BaseException:
        file.close()
        raise
    return file


def check_whole(path: str | os.PathLike[str]) -> None:
    """Checks a file that another library will open; raises as `open_whole`."""
    open_whole(path).close()


def _check(file, path):
    elsewhere = []
    too_large = []
    most_bytes = max(_ZLIB_RATIO * file.id.get_filesize(), _SMALL_BYTES)

    # An exception from a visitor of links would crash h5py.
    def note_link(name, link):
        if link.type == h5py.h5l.TYPE_EXTERNAL:
            elsewhere.append(name.decode("utf-8", "replace"))

    def note_dataset(name, item):
        if not isinstance(item, h5py.Dataset):
            return
        if item.external or item.is_virtual:
            elsewhere.append(name)
        count = 0 if item.shape is None else math.prod(item.shape)  # item.size would overflow
        size = count * item.id.get_type().get_size()
        if size > most_bytes:
            too_large.append(f"{name} claims to have {size} bytes")

    file.id.links.visit(note_link, info=True)
    file.visititems(note_dataset)
    if elsewhere:
        name = elsewhere[0]
        raise ValueError(
            f"{path}: expected a file that holds all of its data, but {name} lies in another file, "
            f"{_find_target(file, name)!r}"
        )
    if too_large:
        raise ValueError(f"{path}: the HDF5 file is damaged: {too_large[0]}, more than the file can hold")


def _find_target(file, name):
    link = file.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        return link.filename
    item = file[name]
    return item.external[0][0] if item.external else item.virtual_sources()[0].file_name
