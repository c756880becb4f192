"""Opens any source of data by its name or path. `importers.IMPORTERS` lists the kinds of data."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from keras_pose.data import importers
from keras_pose.data.source import Source
from keras_pose.data.synthetic import versions

_SHOWN_FILES = 8


def open_source(spec: str | os.PathLike[str], **options: Any) -> Source:
    """Opens the source that a flag such as `--data` names. Its labels are not validated yet.

    Args:
      spec: `signers:train`, `signers:test:50`, or the path of a labelled project or data set.
      **options: options of the importers, by name: `num_clips`, `num_frames`, `size_hw` and `label_every` of
        `importers.signers.read`, `scorer` and `individual` of `importers.deeplabcut.read`, `image_dir`, `category`
        and `exif_orientation` of `importers.coco.read` (and of the importers of SLEAP, NWB, JABS and Label Studio),
        `label_scale` of `importers.caffe_list.read`, `split` of research sets (`authors_split.parse`), `outside` of
        those that extrapolate joints, `person_crop` of those that tell where each person is. Each importer takes its
        own and ignores those of others, so a caller can pass all options to any source.

    Returns:
      `Source`.

    Raises:
      TypeError: for an option that no importer has.
      ValueError: for a source that no importer reads; the message lists what was expected.
    """
    known = [name for importer in importers.IMPORTERS for name in importer.options]
    unknown = sorted(set(options) - {*known, "split"})
    if unknown:
        raise TypeError(f"open_source: expected options among {', '.join(known)}; received {', '.join(unknown)}")
    name = os.fspath(spec)
    name = name if name.strip() and os.path.exists(name) else name.strip()
    for importer in importers.IMPORTERS if name else ():
        if importer.matches(name):
            source = importer.read(name, **{key: options[key] for key in importer.options if key in options})
            return dataclasses.replace(source, name=name)
    raise ValueError(f"{name or 'data source'}: {_describe_received(name)}; expected {importers.describe_sources()}")


def check_exists(spec: str, flag: str) -> None:
    """Checks that the path of a source exists, before anything is written.

    Args:
      spec: the source; synthetic signers always exist.
      flag: the flag that names it, for the message.

    Raises:
      ValueError: if it does not; the message names the flag and lists what was expected.
    """
    if versions.version_of(spec) or os.path.exists(spec):
        return
    try:
        open_source(spec)
    except ValueError as error:
        raise ValueError(f"{flag}: {error}") from error


def _describe_received(name):
    if not name:
        return "received nothing"
    if os.path.isdir(name):
        found = sorted(os.listdir(name))
        more = ", …" if len(found) > _SHOWN_FILES else ""
        return f"the folder holds {', '.join(found[:_SHOWN_FILES])}{more}" if found else "the folder is empty"
    return "no source of data has this ending" if os.path.exists(name) else "no such file or folder"
