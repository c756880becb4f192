"""Odd SLEAP files. Without sleap-io they cannot be written, and there are none."""

from __future__ import annotations

import importlib.util
import pathlib

from tests.odd_inputs.kinds import Kinds

KINDS = Kinds()
_THERE = importlib.util.find_spec("sleap_io") is not None


def _labels(folder: pathlib.Path) -> pathlib.Path:
    from tests.helpers import sleap_labels

    path = folder / "labels.slp"
    sleap_labels.make_labels(sleap_labels.write_clip(folder)).save(str(path))
    return path


def slp_zero_bytes(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "labels.slp"
    path.write_bytes(b"")
    return path


def slp_cut(folder: pathlib.Path) -> pathlib.Path:
    path = _labels(folder)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def slp_text(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "labels.slp"
    path.write_text("git-lfs pointer\n")
    return path


def slp_other_hdf5(folder: pathlib.Path) -> pathlib.Path:
    import h5py

    path = folder / "labels.slp"
    with h5py.File(path, "w") as file:
        file["something"] = [1, 2, 3]
    return path


def slp_video_missing(folder: pathlib.Path) -> pathlib.Path:
    path = _labels(folder)
    (folder / "clip.avi").unlink()
    return path


def slp_predictions_only(folder: pathlib.Path) -> pathlib.Path:
    from tests.helpers import sleap_labels

    path = folder / "labels.slp"
    sleap_labels.make_labels(sleap_labels.write_clip(folder), (2,)).save(str(path))
    return path


def slp_video_cut(folder: pathlib.Path) -> pathlib.Path:
    path = _labels(folder)
    video = folder / "clip.avi"
    video.write_bytes(video.read_bytes()[:3000])
    return path


if _THERE:
    KINDS.refused("SLEAP: a file of zero bytes", "labels.slp: ")(slp_zero_bytes)
    KINDS.refused("SLEAP: a file of which half is there", "labels.slp: ")(slp_cut)
    KINDS.refused("SLEAP: text with the ending .slp", "labels.slp: ")(slp_text)
    KINDS.refused("SLEAP: HDF5 of another kind", "labels.slp: ")(slp_other_hdf5)
    KINDS.refused("SLEAP: the video is missing", "clip.avi")(slp_video_missing)
    KINDS.refused("SLEAP: predictions alone", "found only predictions")(slp_predictions_only)
    KINDS.refused("SLEAP: the video is cut before the labelled frames", "clip.avi")(slp_video_cut)
