"""Finds the video of a DeepLabCut session: a file that is called like the session, whatever its ending.

The paths in config.yaml are often those of another machine. So a video is searched in the folder `videos` of the
project and the folders inside it first, then where config.yaml says.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from keras_pose.data.importers.names import NameIndex, find_name, list_folder
from keras_pose.media.endings import has_video_ending, is_video

FOLDER = "videos"
# What DeepLabCut and others put beside videos; FFmpeg would make a video of some texts.
_NO_VIDEO = (".csv", ".h5", ".hdf5", ".pickle", ".json", ".txt", ".srt", ".yaml", ".yml", ".md", ".npy", ".log", ".ini")


class ProjectVideos:
    """The videos of a project.

    Args:
      project: its folder.
      listed: paths of the videos that config.yaml lists, with slashes.
    """

    def __init__(self, project: str, listed: Sequence[str]) -> None:
        self.folder = os.path.join(project, NameIndex(list_folder(project)).find(FOLDER) or FOLDER)
        self._listed = list(listed)
        self._elsewhere = [os.path.join(project, path) for path in listed]
        files = [os.path.join(top, name) for top, _, names in sorted(os.walk(self.folder)) for name in sorted(names)]
        self._files = [path for path in files if not path.lower().endswith(_NO_VIDEO)]
        there = self._files + [path for path in self._elsewhere if os.path.isfile(path)]
        self._there = NameIndex([_stem(path) for path in there])
        self._gone = NameIndex([_stem(path) for path in self._elsewhere])

    def find(self, session: str) -> list[str]:
        """Returns the paths of the videos that are called like a session, the likeliest first."""
        listed_names = [os.path.basename(path) for path in self._listed]
        beside = self._called(self._files, session)
        beside.sort(key=lambda path: (os.path.dirname(path) != self.folder, os.path.basename(path) not in listed_names))
        found = dict.fromkeys(beside + self._called(self._elsewhere, session))
        return [path for path in found if is_video(path)]

    def explain(self, session: str) -> tuple[str, str]:
        """Returns why a session has no video and how to use one; ("", "") if the project does not speak of one."""
        remedy = f"copy the video to {self.folder}"
        there = self._called(self._files + self._elsewhere, session)
        if any(os.path.isfile(path) for path in there):
            return "the file of that name in the folder of videos cannot be decoded", "convert the video to .mp4"
        if there:
            return "the link in the folder of videos leads to a file that is gone", remedy
        similar = [os.path.basename(path) for path in self._files if _is_similar(session, path)]
        if similar:
            return f"the names of videos are only similar, such as {similar[0]}", "name the video like its session"
        if self._gone.find(session) is not None:
            return "the video that config.yaml lists is gone", remedy
        if self._listed or any(map(has_video_ending, self._files)):
            return "no video has this name", f"put <session>.mp4 into {self.folder}"
        return "", ""

    def _called(self, paths, session):
        stem = self._there.find(session)
        return [path for path in paths if stem is not None and _stem(path) == stem]


def _stem(path):
    return os.path.splitext(os.path.basename(path))[0]


def _is_similar(session, path):
    """Whether a video is called like the session and something more; DeepLabCut's own results are not meant."""
    name = os.path.basename(path)
    begins = find_name(session, [name[: len(session)]]) is not None
    return begins and has_video_ending(path) and not name[len(session)].isalnum()
