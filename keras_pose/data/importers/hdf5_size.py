"""Checks data sets of HDF5 files of other people before memory is reserved for them.

The shape of a data set is a few bytes in the file. If one of them is damaged, h5py would fill terabytes with zeros.
"""

from __future__ import annotations

import h5py

_ZLIB_RATIO = 1100  # deflate makes data at most 1,032 times smaller
_SMALL_BYTES = 1 << 20  # always fine


def check(dataset: h5py.Dataset) -> None:
    """Checks that a data set is not larger than its file can hold, compressed as it may be.

    Raises:
      ValueError: if it is; the message names the data set.
    """
    size = (dataset.size or 0) * dataset.dtype.itemsize
    if size > max(_ZLIB_RATIO * dataset.file.id.get_filesize(), _SMALL_BYTES):
        raise ValueError(f"{dataset.name} claims to have {size} bytes, more than the file can hold")
