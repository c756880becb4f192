"""SLEAP's .slp files of predictions, which its window opens.

sleap-io writes skeleton, video, tracks and provenance. The tables of frames, instances and points are written here at
once, in the types that sleap-io gave them: an object for each instance would cost a second per 5,000 frames.
Source: sleap-io, `sleap_io.io.slp`.
"""

from __future__ import annotations

import json
import os
from typing import Any

import h5py
import numpy as np
import sleap_io

from keras_pose.poses.formats import description, hdf5, values
from keras_pose.poses.video_poses import VideoPoses

_PREDICTED = 1  # type of an instance; 0: labelled by hand


def write(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes poses as .slp. Point scores are likelihoods; that of an instance is their mean. Times have no room."""
    labels = _labels_without_frames(poses)
    tables = _tables(poses)
    size = sum(len(table["x"] if "x" in table else table["frame_id"]) * 64 for table in tables.values())
    with hdf5.new_file(path, size) as temporary:
        sleap_io.save_slp(labels, temporary, embed=False, verbose=False)
        with h5py.File(temporary, "r+") as file:
            for name, columns in tables.items():
                table = np.zeros(len(next(iter(columns.values()))), file[name].dtype)
                for column, entries in columns.items():
                    table[column] = entries
                del file[name]
                hdf5.write_values(file, name, table)
            _order_symmetries(file["metadata"], poses.skeleton)


def read_description(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads the description of poses from a .slp file."""
    provenance = description.parse(path, hdf5.read_text(path, "provenance_json"))
    return description.parse(path, json.dumps(provenance.get(description.KEY)))


def _labels_without_frames(poses):
    height, width = poses.video.size_hw
    backend = {
        "type": "MediaVideo",
        "shape": [poses.video.num_frames, height, width, 3],
        "filename": poses.video.path,
        "grayscale": False,
        "bgr": True,
        "dataset": "",
        "input_format": "",
        "fps": poses.video.fps,
    }
    video = sleap_io.Video(poses.video.path, backend_metadata=backend, open_backend=False)
    skeleton = sleap_io.Skeleton(
        list(poses.skeleton.joints),
        edges=[tuple(edge) for edge in poses.skeleton.edges],
        symmetries=[tuple(pair) for pair in poses.skeleton.flip_pairs],
        name=poses.skeleton.name,
    )
    return sleap_io.Labels(
        videos=[video],
        skeletons=[skeleton],
        tracks=[sleap_io.Track(person) for person in poses.people],
        provenance={description.KEY: description.describe(poses)},
    )


def _tables(poses):
    """Returns the columns of the tables: all predicted frames, an instance for each person who is there, its joints."""
    there = values.are_there(poses)
    rows, people = np.nonzero(there.any(-1))
    count = len(rows)
    num_joints = poses.skeleton.num_joints
    starts = np.searchsorted(rows, np.arange(poses.num_frames))
    ends = np.searchsorted(rows, np.arange(poses.num_frames), "right")
    points = poses.joints[rows, people].reshape(-1, 2)
    return {
        "frames": {
            "frame_id": np.arange(poses.num_frames),
            "video": np.zeros(poses.num_frames),
            "frame_idx": poses.frames,
            "instance_id_start": starts,
            "instance_id_end": ends,
        },
        "instances": {
            "instance_id": np.arange(count),
            "instance_type": np.full(count, _PREDICTED),
            "frame_id": rows,
            "skeleton": np.zeros(count),
            "track": people,
            "from_predicted": np.full(count, -1),
            "score": values.mean_likelihoods(poses)[rows, people],
            "point_id_start": np.arange(count) * num_joints,
            "point_id_end": np.arange(1, count + 1) * num_joints,
            "tracking_score": np.zeros(count),
        },
        "pred_points": {
            "x": points[:, 0],
            "y": points[:, 1],
            "visible": there[rows, people].ravel(),
            "complete": np.zeros(count * num_joints, bool),
            "score": values.likelihoods(poses, 0)[rows, people].ravel(),
        },
    }


def _order_symmetries(metadata, skeleton):
    """Puts each symmetry as (left, right): sleap-io takes its two nodes in an order that differs from run to run."""
    content = json.loads(hdf5.as_text(metadata.attrs["json"]))
    names = [node["name"] for node in content["nodes"]]
    for graph in content["skeletons"]:
        for link in graph["links"]:
            pair = (names[link["source"]], names[link["target"]])
            if "edge_insert_idx" not in link and pair[::-1] in skeleton.flip_pairs:
                link["source"], link["target"] = link["target"], link["source"]
    text = json.dumps(content, separators=(",", ":")).encode()
    metadata.attrs.modify("json", np.bytes_(text))
