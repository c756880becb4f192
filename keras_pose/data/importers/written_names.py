"""Names of files as annotation tools write them: absolute, with backslashes, as addresses, with %20 for a space."""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
import urllib.parse
from collections.abc import Iterator

_LABEL_FOLDERS = ("annotations", "annotation", "anns", "labels")


def data_set_folder(folder: str) -> str:
    """Returns the folder above `annotations/`, if the annotation file lies in or below such a folder."""
    parts = os.path.abspath(folder).split(os.sep)
    for up in range(1, min(3, len(parts))):
        if parts[-up].lower() in _LABEL_FOLDERS:
            return os.path.normpath(os.path.join(folder, *[os.pardir] * up))
    return folder


def split_names(label_file: str) -> list[str]:
    """Returns the ends of the file's name that can be folders: `keypoints_val`, `val` for `keypoints_val.json`."""
    words = os.path.splitext(os.path.basename(label_file))[0].split("_")
    return [name for name in ("_".join(words[start:]) for start in range(len(words))) if name.strip(".")]


def name_forms(name: str) -> Iterator[str]:
    """Yields a name as it is, as a path, and as a path with %20 as a space."""
    yield name
    yield clean_name(name, unquote=False)
    yield clean_name(name)


def clean_name(name: str, unquote: bool = True) -> str:
    """Returns a name as a path with slashes: without scheme, query, drive, leading `./`, and with %20 as a space."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", name):
        rest = name.partition("://")[2]
        name = "/" + rest.partition("/")[2].partition("#")[0]
    address, query, value = name.partition("?d=")
    if query:
        name = "/" + value
    elif name.startswith("/"):
        name = name.partition("?")[0] or name
    name = re.sub(r"^[A-Za-z]:/", "/", name.replace("\\", "/"))
    name = posixpath.normpath(urllib.parse.unquote(name, errors="surrogateescape") if unquote else name)
    return "/" + name.lstrip("/") if name.startswith("/") else name


def fold_name(name: str) -> str:
    """Returns the file name of a path so that upper and lower case and composed characters are the same."""
    return unicodedata.normalize("NFC", posixpath.basename(name)).casefold()


def count_shared_parts(path: str, name: str) -> int:
    """Returns the number of parts that a path and a name have in common, counted from the end."""
    count = 0
    for own, other in zip(reversed(os.path.abspath(path).split(os.sep)), reversed(name.split("/"))):
        if fold_name(own) != fold_name(other):
            break
        count += 1
    return count
