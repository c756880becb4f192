"""Which videos `--video` names: files, folders, lists of paths, and patterns.

A path that exists is taken as it is, so `clip [1].mp4` is that file. Only a text that is no path may be a pattern; this
is the only module that makes one, because here the user wrote it.
"""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Iterable, Sequence

from keras_pose import files
from keras_pose.media import live_sources
from keras_pose.media.endings import has_image_ending, has_video_ending, is_video
from keras_pose.media.images import image_size
from keras_pose.media.messages import MediaWarning

_PATTERN_CHARACTERS = frozenset("*?[")
_LIST_ENDING = ".txt"
_MOST_NAMES = 5  # in a message
_USE_PICTURES = (
    "pictures of one camera can become a video, for example with: ffmpeg -framerate 25 -i img%04d.png -c:v libx264 "
    "-crf 16 clip.mp4; single pictures are predicted in Python: keras_pose.load(<run>).predict(frames)"
)


def find_videos(texts: Sequence[str], flag: str = "--video") -> list[str]:
    """Finds the videos that texts name.

    Args:
      texts: each one or several of these, separated by commas:
        a file: taken without a look at its content, because opening it tells what is wrong; only a picture is refused
        at once;
        a folder: its videos, sorted by name. Its sub-folders are not searched;
        a list: a text file (.txt, UTF-8 or UTF-16) with a path, folder or pattern on each line, relative to the folder
        of the list. Empty lines and those that begin with # are skipped;
        a pattern: `*` and `?` stand for characters of a name, `[]` for a choice of characters, `**` for any folders.
        Videos that match, sorted.
      flag: the flag that the texts come from, for messages.

    Returns:
      Paths, each once, in the order of the texts. A warning names the files of a folder, or those that match a pattern,
      that are no videos.

    Raises:
      ValueError: if a text names no video, a picture, or a camera or stream; the message names the flag, and list and
        line.
    """
    found: dict[str, str] = {}  # by absolute path
    for text in texts:
        for part in files.split_paths(text):
            for path in _find(part, flag):
                found.setdefault(os.path.abspath(path), path)
    if not found:
        raise ValueError(f"{flag}: expected videos: files, folders, lists (.txt) or patterns, received {list(texts)}")
    return list(found.values())


def _find(text, place):
    """Returns the videos of one text; `place`: the flag, or the list and its line, for messages."""
    text = text if os.path.exists(text) else os.path.expanduser(text)
    if os.path.isdir(text):
        return _in_folder(text, place)
    if os.path.isfile(text):
        if _is_picture(text):
            raise ValueError(f"{place}: expected videos, received the picture {text}; {_USE_PICTURES}")
        return _in_list(text) if text.lower().endswith(_LIST_ENDING) else [text]
    if live_sources.is_live(text):
        raise ValueError(f"{place}: expected video files, received {text}: a camera or stream must be the only source")
    if _PATTERN_CHARACTERS & set(text):
        return _by_pattern(text, place)
    raise ValueError(f"{place}: {text}: expected a video, a folder, a list (.txt) or a pattern, found no such file")


def _in_folder(folder, place):
    names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    paths = [os.path.join(folder, name) for name in names]
    videos = _only_videos((path for path in paths if not os.path.isdir(path)), f"{folder}: ")
    if not videos:
        folders = [os.path.basename(path) for path in paths if os.path.isdir(path)]
        hint = f"; sub-folders are not searched: {_join(folders)}" if folders else _hint_at_pictures(paths)
        raise ValueError(f"{place}: {folder}: expected a folder with videos, found none in it{hint}")
    return videos


def _by_pattern(pattern, place):
    matches = sorted(glob.glob(pattern, recursive=True))
    videos = _only_videos((path for path in matches if os.path.isfile(path)), f"{place}: {pattern}: ")
    if not videos:
        folders = [path for path in matches if os.path.isdir(path)]
        hint = f"; it matches folders ({_join(folders)}): end it with {os.sep}*" if folders else ""
        hint = hint or _hint_at_pictures(matches)
        raise ValueError(f"{place}: {pattern}: expected a pattern that matches videos, found none{hint}")
    return videos


def _in_list(path):
    folder = os.path.dirname(path)
    videos = []
    for number, line in enumerate(files.read_text(path).split("\n"), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        place = f"{path}:{number}"
        if text.lower().endswith(_LIST_ENDING):
            raise ValueError(f"{place}: expected a video, a folder or a pattern, received another list: {text}")
        videos += _find(_join_to(folder, text, place), place)
    if not videos:
        raise ValueError(f"{path}: expected a list with the path of a video on each line, found none")
    return videos


def _join_to(folder, text, place):
    """The text of a list, relative to the list's folder, whose name is no part of a pattern."""
    if live_sources.is_live(text) and not os.path.exists(os.path.join(folder, text)):
        raise ValueError(f"{place}: expected video files, received {text}: a list cannot hold cameras or streams")
    text = os.path.expanduser(text)
    plain = os.path.join(folder, text)
    if os.path.isabs(text) or os.path.exists(plain):
        return plain
    return os.path.join(glob.escape(folder), text) if _PATTERN_CHARACTERS & set(text) else plain


def _only_videos(paths: Iterable[str], where: str) -> list[str]:
    """The videos among files; a warning names the others in one line."""
    videos: list[str] = []
    others: list[str] = []
    for path in paths:
        # A link that leads nowhere is kept: its analysis fails, and says so.
        is_lost = has_video_ending(path) and not os.path.exists(path)
        (videos if is_lost or is_video(path) else others).append(path)
    if others and videos:
        what = "file is no video" if len(others) == 1 else "files are no videos"
        warnings.warn(f"{where}{len(others)} {what}: {_join(others)}", MediaWarning, stacklevel=2)
    return videos


def _is_picture(path):
    if not has_image_ending(path):
        return False
    try:
        image_size(path)
    except ValueError:
        return False
    return True


def _hint_at_pictures(paths):
    pictures = [path for path in paths if has_image_ending(path)]
    return f"; it has pictures ({_join(pictures)}): {_USE_PICTURES}" if pictures else ""


def _join(paths):
    names = [os.path.basename(path) for path in paths]
    hidden = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {hidden} more" if hidden > 0 else "")
