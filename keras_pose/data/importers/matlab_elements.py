"""Checks the elements of a MATLAB file of versions 4 to 7 before SciPy reads it.

SciPy trusts the numbers in a file. If one is damaged, SciPy may read outside its tables, which ends the process, or
reserve more memory than there is. This walk follows the same elements and checks that each of them lies inside the one
that holds it, has a type that exists, and holds as many values as its dimensions say.

Format: "MAT-File Format", The MathWorks. An element is a tag of 8 bytes (type, number of bytes) and its data, padded to
8 bytes; up to 4 bytes of data lie in the tag itself.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Collection

_HEADER = 128  # bytes before the first element of a file of version 5 to 7
_COMPRESSED = 15
_MATRIX = 14
_BYTES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2, 18: 4}  # of a value, by type
_CELL, _STRUCT, _OBJECT, _CHAR, _SPARSE, _FUNCTION, _OPAQUE = 1, 2, 3, 4, 5, 16, 17
_NUMBERS = frozenset(range(6, 16))
_MOST_DIMENSIONS = 32
_DEEPEST = 50
_MOST_BLANKS = 1 << 16  # characters of a text whose data are missing
_ZLIB_RATIO = 1100  # deflate makes data at most 1,032 times smaller
_V4_BYTES = (8, 4, 4, 2, 2, 1)  # of a value, by the digit of its type


def check(data: bytes, version: int, names: Collection[str] | None = None) -> None:
    """Checks a file.

    Args:
      data: the whole file.
      version: the first number of `scipy.io.matlab.matfile_version`: 0 is version 4, 1 is versions 5 to 7.
      names: variables whose contents are checked; None: all.

    Raises:
      ValueError: if an element does not fit; the message says where in the file.
    """
    if version == 0:
        _check_version_4(data)
        return
    order = "<" if data[126:128] == b"IM" else ">"
    place = _HEADER
    while place < len(data):
        kind, start, end, _ = _Elements(data, order, "byte ").tag(place, len(data))
        if kind == _COMPRESSED:
            inner = _decompress(data[start:end], order, place)
            _Elements(inner, order, f"unpacked element at byte {place}, byte ").variable(0, len(inner), names)
        else:
            _Elements(data, order, "byte ").variable(place, len(data), names)
        place = end


class _Elements:
    """Elements of one piece of data.

    Args:
      data: the bytes.
      order: "<" or ">", the order of the bytes of a number.
      where: what comes before a place in messages.
    """

    def __init__(self, data: bytes, order: str, where: str) -> None:
        self._data = data
        self._where = where
        self._unpack = struct.Struct(f"{order}II").unpack_from
        self._order = order

    def tag(self, place: int, end: int) -> tuple[int, int, int, int]:
        """Returns type, start and end of the data, and the place of the next element."""
        if place + 8 > end:
            raise self._error(place, "an element is missing")
        kind, size = self._unpack(self._data, place)
        if kind >> 16:  # small: the data are in the tag
            kind, size = kind & 0xFFFF, kind >> 16
            if size > 4 or kind not in _BYTES:
                raise self._error(place, f"an element of type {kind} and {size} bytes")
            return kind, place + 4, place + 4 + size, place + 8
        start = place + 8
        if start + size > end or kind not in _BYTES and kind not in (_MATRIX, _COMPRESSED):
            raise self._error(place, f"an element of type {kind} and {size} bytes, where {end - start} follow")
        return kind, start, start + size, min(start + size + -size % 8, end)

    def variable(self, place: int, end: int, names: Collection[str] | None) -> None:
        """Checks a variable of the file; of one that is not named, only what stands before its contents."""
        kind, start, stop, _ = self.tag(place, end)
        if kind != _MATRIX:
            raise self._error(place, f"expected a variable, found an element of type {kind}")
        if stop > start:
            self._array(start, stop, 0, names)

    def _matrix(self, place, end, depth):
        """Checks a value inside a cell or struct; returns the place behind it."""
        kind, start, stop, after = self.tag(place, end)
        if kind != _MATRIX or depth > _DEEPEST:
            raise self._error(place, f"expected an array, found an element of type {kind} at depth {depth}")
        if stop > start:  # an empty one is []
            self._array(start, stop, depth, None)
        return after

    def _array(self, place, end, depth, names):
        """Checks flags, dimensions, name and contents of an array."""
        kind, start, stop, place = self.tag(place, end)
        if kind != 6 or stop - start != 8:
            raise self._error(start, f"expected flags of 8 bytes, found type {kind} and {stop - start} bytes")
        flags = self._unpack(self._data, start)[0]
        array_class = flags & 0xFF
        count = 1
        if array_class != _OPAQUE:
            count, place = self._dimensions(place, end)
        name, place = self._name(place, end)
        if names is not None and name not in names:
            return
        if array_class in _NUMBERS or array_class == _CHAR:
            self._values(place, end, count, flags, array_class == _CHAR)
        elif array_class == _SPARSE:
            for _ in range(4 if flags & 0x800 else 3):
                place = self._data_element(place, end)[1]
        else:
            self._members(place, end, depth, array_class, count)

    def _dimensions(self, place, end):
        kind, start, stop, after = self.tag(place, end)
        rank = (stop - start) // 4
        if kind not in (5, 6) or rank * 4 != stop - start or not 2 <= rank <= _MOST_DIMENSIONS:
            raise self._error(place, f"expected dimensions, found type {kind} and {stop - start} bytes")
        sizes = struct.unpack_from(f"{self._order}{rank}i", self._data, start)
        if min(sizes) < 0:
            raise self._error(place, f"dimensions {' x '.join(map(str, sizes))}")
        return math.prod(sizes), after

    def _name(self, place, end):
        kind, start, stop, after = self.tag(place, end)
        if kind not in (1, 2, 16):
            raise self._error(place, f"expected a name, found an element of type {kind}")
        return self._data[start:stop].decode("latin-1"), after

    def _data_element(self, place, end):
        """Returns how many values a data element has, and the place behind it."""
        kind, start, stop, after = self.tag(place, end)
        if kind not in _BYTES:
            raise self._error(place, f"expected values, found an element of type {kind}")
        return (stop - start) // _BYTES[kind], after

    def _values(self, place, end, count, flags, is_text):
        for _ in range(2 if flags & 0x800 and not is_text else 1):  # complex: real and imaginary parts
            found, after = self._data_element(place, end)
            fits = count <= max(found, 0 if found else _MOST_BLANKS) if is_text else count == found
            if not fits:
                raise self._error(place, f"expected {count} values, as the dimensions say, found {found}")
            place = after

    def _members(self, place, end, depth, array_class, count):
        if array_class == _OPAQUE:
            for _ in range(2):  # kind of object and class; the name was the first
                place = self._name(place, end)[1]
            count = 1
        elif array_class == _FUNCTION:
            count = 1
        elif array_class in (_STRUCT, _OBJECT):
            if array_class == _OBJECT:
                place = self._name(place, end)[1]
            fields, place = self._fields(place, end)
            count *= fields
        elif array_class != _CELL:
            raise self._error(place, f"an array of class {array_class}")
        if count > (end - place) // 8:
            raise self._error(place, f"expected {count} elements, where {end - place} bytes follow")
        for _ in range(count):
            place = self._matrix(place, end, depth + 1)

    def _fields(self, place, end):
        """Returns the number of fields of a struct, and the place behind their names."""
        kind, start, stop, after = self.tag(place, end)
        length = struct.unpack_from(f"{self._order}i", self._data, start)[0] if stop - start == 4 else 0
        if kind != 5 or length < 1:
            raise self._error(place, f"expected the length of names of fields, found type {kind}, {length}")
        kind, start, stop, after = self.tag(after, end)
        if kind not in (1, 2, 16) or (stop - start) % length:
            raise self._error(place, f"expected names of fields of {length} bytes each, found {stop - start} bytes")
        return (stop - start) // length, after

    def _error(self, place, found):
        return ValueError(f"{self._where}{place}: {found}")


def _decompress(data, order, place):
    """Unpacks a compressed variable, no further than its first tag says."""
    stream = zlib.decompressobj()
    try:
        head = stream.decompress(data, 8)
        if len(head) < 8:
            raise ValueError(f"byte {place}: a compressed element without content")
        size = struct.unpack(f"{order}II", head)[1]
        if size > _ZLIB_RATIO * len(data):
            raise ValueError(f"byte {place}: {len(data)} compressed bytes cannot hold {size}")
        content = stream.decompress(stream.unconsumed_tail, size) if size else b""
    except zlib.error as error:
        raise ValueError(f"byte {place}: a compressed element is damaged: {error}") from error
    if len(content) < size:
        raise ValueError(f"byte {place}: expected {size} compressed bytes, found {len(content)}")
    return head + content


def _check_version_4(data):
    """Checks the variables of a file of version 4: a header of 5 numbers, a name, and values."""
    place = 0
    while place < len(data):
        if place + 20 > len(data):
            raise ValueError(f"byte {place}: a variable is missing")
        order = "<" if 0 <= struct.unpack_from("<i", data, place)[0] <= 5000 else ">"
        kind, rows, columns, imaginary, name = struct.unpack_from(f"{order}5i", data, place)
        digit = kind // 10 % 10
        sizes_fit = min(kind, rows, columns, name) >= 0 and imaginary in (0, 1)
        if not sizes_fit or kind % 10 > 2 or digit >= len(_V4_BYTES):
            raise ValueError(f"byte {place}: a variable of type {kind}, {rows} x {columns}")
        size = 20 + name + rows * columns * (1 + imaginary) * _V4_BYTES[digit]
        if place + size > len(data):
            raise ValueError(f"byte {place}: expected {size} bytes of a variable, found {len(data) - place}")
        place += size
