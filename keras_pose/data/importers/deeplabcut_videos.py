"""Finds the video of a DeepLabCut session: a file that is called like the session, whatever its ending.

The paths in config.yaml are often those of another machine. So a video is searched in the folder `videos` of the
project and the folders inside it first, then where config.yaml says.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from keras_pose.data.importers.names import NameIndex, find_name, list_folder, shorten_list
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
        self._stems = NameIndex([_stem(path) for path in self._files + self._elsewhere])

    def find(self, session: str) -> list[str]:
        """Returns the paths of the videos that are called like a session, the likeliest first."""
        stem = self._stems.find(session)
        listed_names = [os.path.basename(path) for path in self._listed]
        beside = [path for path in self._files if _stem(path) == stem and is_video(path)]
        beside.sort(key=lambda path: (os.path.dirname(path) != self.folder, os.path.basename(path) not in listed_names))
        elsewhere = [path for path in self._elsewhere if _stem(path) == stem and is_video(path)]
        return list(dict.fromkeys(beside + elsewhere))

    def explain(self, session: str) -> tuple[str, str]:
        """Returns why a session has no video and how to use one; ("", "") if the project does not speak of one."""
        stem = self._stems.find(session)
        there = [path for path in self._files + self._elsewhere if _stem(path) == stem]
        undecodable = [path for path in there if os.path.isfile(path)]
        if undecodable:
            return "the file of that name is no video that can be decoded", "convert it to .mp4"
        remedy = f"copy them to {self.folder}"
        if any(os.path.islink(path) for path in there):
            return "the link in the folder videos leads to a file that is gone", remedy
        similar = [path for path in self._files if _is_similar(session, path)]
        if similar:
            names = shorten_list([os.path.basename(path) for path in similar])
            return (
                f"no video has their name, only similar ones such as {names}",
                "rename each to the name of its folder",
            )
        if there:
            return "the video that config.yaml lists is gone", remedy
        if self._listed or any(map(has_video_ending, self._files)):
            return "no video has their name", f"put <name of the folder>.mp4 into {self.folder}"
        return "", ""


def _stem(path):
    return os.path.splitext(os.path.basename(path))[0]


def _is_similar(session, path):
    """Whether a video is called like the session and something more; DeepLabCut's own results are not meant."""
    name = os.path.basename(path)
    begins = find_name(session, [name[: len(session)]]) is not None
    return begins and has_video_ending(path) and not name[len(session)].isalnum()
