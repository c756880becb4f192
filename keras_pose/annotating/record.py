"""The record of a folder of annotations: teacher, settings, and what became of each video. `--data` opens it."""

from __future__ import annotations

import os
from typing import Any

from keras_pose import files
from keras_pose.data.importers import annotated_videos
from keras_pose.skeleton import Skeleton

LABELLED = "labelled"
LEFT_OUT = "left out"  # the teacher is too unsure
FAILED = "failed"


class Record:
    """Entries of videos, by the name of their files; written after each change.

    Args:
      folder: the folder of annotations.
      teacher: {"name", "version", "digest", …} of the teacher.
      settings: the settings that shape the labels.
      skeleton: of the labels.

    Raises:
      ValueError: if the folder holds annotations of another teacher or other settings, or its record is damaged.
    """

    def __init__(self, folder: str, teacher: dict[str, Any], settings: dict[str, Any], skeleton: Skeleton) -> None:
        self.folder = folder
        self.path = os.path.join(folder, annotated_videos.FILE_NAME)
        self._head = {
            "format": annotated_videos.FORMAT,
            "teacher": teacher,
            "settings": settings,
            "skeleton": skeleton.to_dict(),
        }
        self._videos: dict[str, dict[str, Any]] = {}
        if os.path.exists(self.path):
            known = annotated_videos.read_description(self.path)
            self._check_same(known)
            self._videos = {video["name"]: video for video in known["videos"]}

    def taken(self) -> dict[str, str]:
        """Returns the absolute paths of the videos that have entries, by name."""
        return {name: video["path"] for name, video in self._videos.items()}

    def is_done(self, name: str, digest: str) -> bool:
        """Whether a video of this content has its labels, or was left out."""
        return is_done(self.folder, self.entry(name), digest)

    def entry(self, name: str) -> dict[str, Any]:
        """Returns the entry of a video; empty if there is none."""
        return dict(self._videos.get(name, {}))

    def put(self, name: str, video: dict[str, Any]) -> None:
        """Replaces the entry of a video, and writes the record."""
        self._videos[name] = {"name": name, **video}
        files.write_json(self.path, {**self._head, "videos": self.videos})

    @property
    def videos(self) -> list[dict[str, Any]]:
        """The entries, sorted by name: the order in which videos were labelled does not matter."""
        return [self._videos[name] for name in sorted(self._videos)]

    def with_status(self, status: str) -> list[dict[str, Any]]:
        """Returns the entries of videos with this status, sorted by name."""
        return [video for video in self.videos if video["status"] == status]

    def _check_same(self, known):
        now = {f"--{name}": value for name, value in self._head["settings"].items()}
        before = {f"--{name}": value for name, value in known.get("settings", {}).items()}
        now["--teacher"] = _identity(self._head["teacher"])
        before["--teacher"] = _identity(known["teacher"])
        now["the joints"] = list(self._head["skeleton"]["joints"])
        before["the joints"] = list(known["skeleton"]["joints"])
        for name in sorted({*now, *before}):
            if now.get(name) != before.get(name):
                raise ValueError(
                    f"--out_dir: {self.folder} holds annotations made with another {name}: {before.get(name)}, now "
                    f"{now.get(name)}; choose another folder"
                )


def is_done(folder: str, entry: dict[str, Any], digest: str) -> bool:
    """Whether a video of this content has its labels, or was left out.

    Args:
      folder: the folder of annotations.
      entry: the entry of the video; empty if there is none.
      digest: of the video.
    """
    if entry.get("digest") != digest:
        return False
    written = os.path.isfile(os.path.join(folder, entry.get("file", "")))
    return entry["status"] == LEFT_OUT or (entry["status"] == LABELLED and written)


def _identity(teacher):
    return f"{teacher.get('name')} {teacher.get('version')} {teacher.get('digest')} {teacher.get('calibration')}"
