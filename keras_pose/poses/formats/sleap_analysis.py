"""SLEAP's analysis HDF5: dense arrays with a row for each frame from 0, in the axis order that SLEAP writes.

`tracks` [P, 2, J, frames], `track_occupancy` [frames, P], `point_scores` [P, J, frames], `instance_scores` and
`tracking_scores` [P, frames]; NaN where nobody is. SLEAP has no times; the data set `times_s` [frames] is ours. The
description is in `provenance`. Written here instead of by sleap-io, which leaves out frames and people at the ends and
swaps left and right in symmetries at random. Source: SLEAP, "Analysis HDF5"; sleap-io, analysis_h5, preset "matlab".
"""

from __future__ import annotations

import json
import os
from typing import Any

import h5py
import numpy as np

from keras_pose.poses.formats import description, hdf5, values
from keras_pose.poses.video_poses import VideoPoses

_AXES = {
    "tracks": ("track", "xy", "node", "frame"),
    "track_occupancy": ("frame", "track"),
    "point_scores": ("track", "node", "frame"),
    "instance_scores": ("track", "frame"),
    "tracking_scores": ("track", "frame"),
}


def write(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes poses as SLEAP's analysis HDF5. Point scores are likelihoods; that of an instance is their mean."""
    arrays = _arrays(poses)
    size = 2 * sum(array.nbytes for array in arrays.values())
    with hdf5.new_file(path, size) as temporary, h5py.File(temporary, "w") as file:
        for name, array in arrays.items():
            dataset = hdf5.write_values(file, name, array)
            if name in _AXES:
                dataset.attrs["dims"] = json.dumps(_AXES[name])
        _write_names(file, poses)
        file["labels_path"] = ""
        file["video_path"] = hdf5.valid_text(poses.video.path)
        file["video_ind"] = 0
        file["provenance"] = json.dumps({description.KEY: description.describe(poses)}, sort_keys=True)
        file.attrs["preset"] = "matlab"
        file.attrs["format"] = "analysis"


def read_description(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads the description of poses from SLEAP's analysis HDF5."""
    provenance = description.parse(path, hdf5.read_text(path, "provenance"))
    return description.parse(path, json.dumps(provenance.get(description.KEY)))


def _arrays(poses):
    """Returns the arrays in SLEAP's names and axis order."""
    occupied = values.are_there(poses).any(-1)
    scores = values.likelihoods(poses, np.nan).astype(np.float64)
    means = values.mean_likelihoods(poses).astype(np.float64)
    tracking = np.where(occupied, 0.0, np.nan)
    return {
        "tracks": values.spread(poses, poses.joints.astype(np.float64), np.nan).transpose(1, 3, 2, 0),
        "track_occupancy": values.spread(poses, occupied.astype(np.uint8), 0),
        "point_scores": values.spread(poses, scores, np.nan).transpose(1, 2, 0),
        "instance_scores": values.spread(poses, means, np.nan).T,
        "tracking_scores": values.spread(poses, tracking, np.nan).T,
        "times_s": values.spread(poses, poses.times_s, np.nan),
    }


def _write_names(file, poses):
    skeleton = poses.skeleton
    joints = list(skeleton.joints)
    edges = [list(edge) for edge in skeleton.edges]
    hdf5.write_values(file, "track_names", hdf5.as_bytes(list(poses.people), (len(poses.people),)))
    hdf5.write_values(file, "node_names", hdf5.as_bytes(joints, (len(joints),)))
    hdf5.write_values(file, "edge_names", hdf5.as_bytes(edges, (len(edges), 2)))
    hdf5.write_values(file, "edge_inds", np.array(skeleton.edge_indices(), np.int64).reshape(-1, 2))
    height, width = poses.video.size_hw
    file.attrs["skeleton_name"] = skeleton.name
    file.attrs["skeleton_symmetries"] = json.dumps(skeleton.flip_pairs)
    shape = [poses.video.num_frames, height, width, 3]
    file.attrs["video_backend_metadata"] = json.dumps({"shape": shape, "fps": poses.video.fps})
