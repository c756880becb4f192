"""Where the files of JHMDB lie.

    joint_positions/<action>/<clip>/joint_positions.mat
    Rename_Images/<action>/<clip>/00001.png …           frames as pictures, or
    ReCompress_Videos/<action>/<clip>.avi               as videos (also videos/, also .mp4)
    splits/<action>_test_split1.txt …                   three splits of all clips: 1, 2, 3
    sub_splits/<action>_test_split_1.txt …              three of those with the whole body in view: sub1, sub2, sub3

Two more forms of splits are read: lists of clips `train_<name>.txt` and `test_<name>.txt`, and columns `split<n>` and
`clean` of a table `clips.csv`.
"""

from __future__ import annotations

import os

from keras_pose.data.importers.names import list_folder
from keras_pose.media.endings import has_video_ending

JOINTS = "joint_positions"
JOINTS_FILE = "joint_positions.mat"
PICTURES = "Rename_Images"
VIDEOS = ("ReCompress_Videos", "videos")


def list_labels(root: str) -> dict[str, str]:
    """Returns {clip: file of its joints}, the name of a clip being `<action>/<clip>`.

    Raises:
      ValueError: if there are none; the message says where they belong.
    """
    top = os.path.join(root, JOINTS)
    found = {}
    for action in _list_visible(top):
        for clip in _list_visible(os.path.join(top, action)):
            path = os.path.join(top, action, clip, JOINTS_FILE)
            if os.path.isfile(path):
                found[f"{action}/{clip}"] = path
    if not found:
        raise ValueError(
            f"{root}: expected the joints of JHMDB in {JOINTS}/<action>/<clip>/{JOINTS_FILE}, found none; unpack "
            f"joint_positions.zip into this folder"
        )
    return found


def list_videos(root: str) -> dict[str, str]:
    """Returns {clip: video} of the videos that there are."""
    found: dict[str, str] = {}
    for folder in VIDEOS:
        for action in _list_visible(os.path.join(root, folder)):
            for name in _list_visible(os.path.join(root, folder, action)):
                if has_video_ending(name):
                    found.setdefault(f"{action}/{os.path.splitext(name)[0]}", os.path.join(root, folder, action, name))
    return found


def list_pictures(root: str) -> list[str]:
    """Returns the names of the clips that have a folder of pictures."""
    top = os.path.join(root, PICTURES)
    return [f"{action}/{clip}" for action in _list_visible(top) for clip in _list_visible(os.path.join(top, action))]


def find_pictures(root: str, clip: str) -> str:
    """Returns the folder of the pictures of a clip; empty if there is none."""
    folder = os.path.join(root, PICTURES, *clip.split("/"))
    return folder if os.path.isdir(folder) else ""


def describe_frames() -> str:
    """Returns where frames belong, for messages."""
    return f"{PICTURES}/<action>/<clip>/<number>.png or {' or '.join(VIDEOS)}/<action>/<clip>.avi"


def _list_visible(folder):
    return [name for name in list_folder(folder) if not name.startswith(".")]
