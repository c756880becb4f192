"""Cheap tests whether a folder is a research set, by the files and folders that its authors publish.

Parts of a set are enough, so that a download that lacks something is recognised and the message says what.
"""

from __future__ import annotations

from keras_pose.data.importers.names import list_folder


def is_jhmdb(spec: str) -> bool:
    """Whether a folder holds parts of JHMDB."""
    return bool({"joint_positions", "Rename_Images", "ReCompress_Videos", "sub_splits"} & set(list_folder(spec)))
