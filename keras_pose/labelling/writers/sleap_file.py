"""Writes suggested frames as a SLEAP file, through sleap-io: suggestions, and predicted instances to start from."""

from __future__ import annotations

import os
from typing import Any

from keras_pose import files
from keras_pose.labelling.suggestions import Suggestions

FILE_NAME = "suggested.slp"


def check() -> None:
    """Checks that what is needed is installed.

    Raises:
      ValueError: says what is not, and how to install it.
    """
    try:
        import sleap_io  # noqa: F401
    except ImportError as error:
        raise ValueError(
            "--to=sleap needs sleap-io (Python 3.10 or newer), which is not installed: pip install "
            "'keras_pose[formats]' (or pip install -r requirements/formats.txt)"
        ) from error


def write(folder: str, suggestions: Suggestions, scorer: str, as_labels: bool = False) -> str:
    """Writes a SLEAP file, which refers to the videos by their absolute paths.

    Args:
      folder: folder of the file.
      suggestions: the frames.
      scorer: not used; SLEAP does not keep it.
      as_labels: whether to write the starting labels as labels, as if somebody had made them.

    Returns:
      The path of the file.
    """
    del scorer
    import sleap_io

    skeleton = sleap_io.Skeleton(
        nodes=list(suggestions.skeleton.joints),
        edges=[tuple(edge) for edge in suggestions.skeleton.edges],
        name=suggestions.skeleton.name or None,
    )
    videos = {clip: _open_video(sleap_io, facts) for clip, facts in suggestions.videos.items()}
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
    path = os.path.join(folder, FILE_NAME)
    with files.replace_atomically(path) as temporary:
        os.remove(temporary)  # sleap-io adds to a file that exists
        sleap_io.save_slp(labels, temporary, embed=False, verbose=False)
    return path


def _open_video(sleap_io, facts):
    height, width = facts.size_hw
    shape = (int(facts.num_frames), int(height), int(width), 3)
    return sleap_io.Video(
        os.path.abspath(facts.path), backend_metadata={"type": "MediaVideo", "shape": shape}, open_backend=False
    )
