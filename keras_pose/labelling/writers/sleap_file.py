"""Writes suggested frames as a SLEAP file, through sleap-io: suggestions, and predicted instances to start from.

The file names the videos by their absolute paths. SLEAP shows frames as they are stored. So if one of the videos is
turned when it is played, as those of phones are, the file holds all suggested frames, upright (`suggested.pkg.slp`).
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

import numpy as np

from keras_pose import extras, files
from keras_pose.labelling.suggestions import Suggestions
from keras_pose.media.orientation import STORED
from keras_pose.media.video import VideoFrames

FILE_NAME = "suggested.slp"
PACKAGE_NAME = "suggested.pkg.slp"


def check() -> None:
    """Checks that what is needed is installed.

    Raises:
      ValueError: says what is not, and how to install it.
    """
    try:
        import sleap_io  # noqa: F401
    except ImportError as error:
        raise ValueError(
            "--to=sleap needs sleap-io (Python 3.10 or newer), which is not installed: "
            + extras.how_to_install("formats")
        ) from error


def write(folder: str, suggestions: Suggestions, scorer: str, as_labels: bool = False) -> str:
    """Writes a SLEAP file.

    Args:
      folder: folder of the file.
      suggestions: the frames.
      scorer: not used; SLEAP does not keep it.
      as_labels: whether to write the starting labels as labels, as if somebody had made them.

    Returns:
      The path of the file.

    Raises:
      ValueError: if a video cannot be read.
    """
    del scorer
    import sleap_io

    skeleton = sleap_io.Skeleton(
        nodes=list(suggestions.skeleton.joints),
        edges=[tuple(edge) for edge in suggestions.skeleton.edges],
        symmetries=[tuple(pair) for pair in suggestions.skeleton.flip_pairs],
        name=suggestions.skeleton.name or None,
    )
    has_turned = any(_is_turned(facts.path) for facts in suggestions.videos.values())
    open_video = _with_pictures(sleap_io, suggestions) if has_turned else sleap_io.Video
    videos = {clip: _open_video(open_video, facts) for clip, facts in suggestions.videos.items()}
    labelled: list[Any] = []
    for frame in suggestions.frames:
        if as_labels:
            instance = sleap_io.Instance.from_numpy(frame.joints, skeleton=skeleton)
        else:
            instance = sleap_io.PredictedInstance.from_numpy(
                frame.joints, skeleton=skeleton, point_scores=frame.confidences, score=float(frame.confidences.mean())
            )
        labelled.append(sleap_io.LabeledFrame(video=videos[frame.clip], frame_idx=frame.number, instances=[instance]))
    labels = sleap_io.Labels(
        labeled_frames=labelled,
        videos=list(videos.values()),
        skeletons=[skeleton],
        suggestions=[sleap_io.SuggestionFrame(videos[frame.clip], frame.number) for frame in suggestions.frames],
    )
    path = os.path.join(folder, PACKAGE_NAME if has_turned else FILE_NAME)
    with files.replace_atomically(path) as temporary:
        os.remove(temporary)  # sleap-io adds to a file that exists
        sleap_io.save_slp(labels, temporary, embed=has_turned, embed_inplace=True, verbose=False)
    return path


def _open_video(video_class, facts):
    height, width = facts.size_hw
    metadata = {"type": "MediaVideo", "shape": (int(facts.num_frames), int(height), int(width), 3)}
    return video_class(os.path.abspath(facts.path), backend_metadata=metadata, open_backend=False)


def _with_pictures(sleap_io, suggestions):
    """A class of videos whose suggested frames sleap-io takes from here; it has no reader that turns frames."""
    clips = {os.path.abspath(facts.path): clip for clip, facts in suggestions.videos.items()}
    pictures = {(frame.clip, frame.number): picture for frame, picture in suggestions.pictures()}

    class UprightVideo(sleap_io.Video):
        def __getitem__(self, number: int) -> np.ndarray:
            return pictures[clips[self.filename], number]

    return UprightVideo


def _is_turned(path):
    with contextlib.closing(VideoFrames(path)) as video:
        return video.orientation != STORED
