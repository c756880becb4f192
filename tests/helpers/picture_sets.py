"""Small data sets in exactly the structure of FLIC, MPII Human Pose and PoseTrack18, and their pictures."""

import json

import cv2
import h5py
import numpy as np
import scipy.io

SIZE_HW = (48, 72)
# Columns of `coords` from 0: left shoulder, elbow, wrist, the right ones, left and right hip, left and right eye, nose.
FLIC_COLUMNS = [0, 1, 2, 3, 4, 5, 6, 9, 12, 13, 16]
FLIC_JOINTS = np.array(
    [
        *[[40, 20], [45, 28], [50, 34], [20, 20], [15, 28], [10, 34]],
        *[[36, 44], [24, 44], [33, 10], [27, 10], [30, 12]],
    ],
    float,
)
MPII_JOINTS = np.array(
    [
        *[[26, 46], [26, 38], [26, 30], [34, 30], [34, 38], [34, 46], [30, 30], [30, 16], [30, 13], [30, 5]],
        *[[18, 30], [20, 23], [24, 16], [36, 16], [40, 23], [42, 30]],
    ],
    float,
)
POSETRACK_NAMES = [
    *["nose", "head_bottom", "head_top", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow"],
    *["right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle"],
    "right_ankle",
]


def write_picture(path, level=100, size_hw=SIZE_HW):
    """Writes a grey picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((*size_hw, 3), level, np.uint8))


def flic_example(film="hitch", frame=11, part="train", shift=0.0, **fields):
    """An element of `examples`; `shift` moves all joints to the right."""
    coords = np.full((2, 29), np.nan)
    coords[:, FLIC_COLUMNS] = (FLIC_JOINTS + [shift, 0]).T
    return {
        "poselet_hit_idx": np.array([1, 2], np.uint16),
        "moviename": film,
        "coords": coords,
        "filepath": f"{film}-{frame:08d}.jpg",
        "imgdims": np.array([*SIZE_HW, 3], np.uint16),
        "currframe": float(frame),
        "torsobox": np.array([19, 18, 41, 46], np.float32),
        "istrain": part == "train",
        "istest": part == "test",
        **fields,
    }


def write_flic(folder, examples, pictures=True, name="examples.mat"):
    """Writes the authors' download: `examples.mat` and, if wanted, `images/`."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(dict.fromkeys(name for example in examples for name in example))
    array = np.empty((1, len(examples)), [(name, "O") for name in names])
    for number, example in enumerate(examples):
        array[0, number] = tuple(example.get(name, []) for name in names)
    scipy.io.savemat(folder / name, {"examples": array})
    if pictures:
        for example in examples:
            write_picture(folder / "images" / example["filepath"])
    return folder


def write_hourglass(path, parts, names, visible=None, **arrays):
    """Writes an HDF5 file of pose-hg-train; an array of None is left out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = np.asarray(parts, float)
    count = len(parts)
    values = {
        "part": parts,
        "visible": np.ones(parts.shape[:2]) if visible is None else visible,
        "imgname": np.array(names, "S"),
        "index": np.arange(count),
        "person": np.zeros(count),
        "center": np.tile([30.0, 24.0], (count, 1)),
        "scale": np.full(count, 0.2),
        "normalize": np.full(count, 6.0),
        "torsoangle": np.zeros(count),
        **arrays,
    }
    with h5py.File(path, "w") as file:
        for name, value in values.items():
            if value is not None:
                file[name] = value
    return path


def mpii_point(number, x, y, is_visible):
    """A point of the official file: `is_visible` is a number, a text, or empty."""
    return {"x": float(x), "y": float(y), "id": float(number), "is_visible": is_visible}


def mpii_person(points, scale=0.2, **fields):
    """An element of `annorect`."""
    return {
        **{"x1": 25.0, "y1": 5.0, "x2": 31.0, "y2": 13.0},
        "annopoints": {"point": points},
        "scale": scale,
        "objpos": {"x": 30.0, "y": 24.0},
        **fields,
    }


def write_mpii_release(folder, pictures, name="mpii_human_pose_v1_u12_1.mat"):
    """Writes the official file.

    Args:
      folder: its folder.
      pictures: (name of the picture, video, people) of each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    annolist = []
    for image, video, people in pictures:
        rects = _structs(people) if people else np.zeros((0, 0))
        annolist.append({"image": {"name": image}, "annorect": rects, "frame_sec": 1.0, "vididx": video})
    release = {
        "annolist": _structs(annolist),
        "img_train": np.ones((1, len(pictures))),
        "version": "12",
        "video_list": np.array([["abc"]], "O"),
    }
    scipy.io.savemat(folder / name, {"RELEASE": release})
    return folder / name


def _structs(elements):
    """A struct array; of elements with other fields, the missing ones are empty, as MATLAB has them."""
    names = list(dict.fromkeys(name for element in elements for name in element))
    array = np.empty((1, len(elements)), [(name, "O") for name in names])
    for number, element in enumerate(elements):
        values = []
        for name in names:
            value = element.get(name, np.zeros((0, 0)))
            nested = isinstance(value, dict) and isinstance(value.get("point"), list)
            values.append({"point": _structs(value["point"])} if nested else value)
        array[0, number] = tuple(values)
    return array


def mpii_entry(image="a.jpg", joints=MPII_JOINTS, seen=None, **fields):
    """An entry of the json of HRNet and MMPose."""
    return {
        "joints_vis": [1] * 16 if seen is None else seen,
        "joints": np.asarray(joints).tolist(),
        "image": image,
        "scale": 0.2,
        "center": [30.0, 24.0],
        **fields,
    }


def posetrack_video(video="000342_mpii_test", part="val", frames=(0, 2), people=1, size_hw=SIZE_HW):
    """The content of the labels of a video; the ears are never labelled."""
    images = []
    annotations = []
    for frame in range(max(frames) + 2):
        image = 1000 * int(video[:6]) + frame
        images.append(
            {
                "is_labeled": frame in frames,
                "file_name": f"images/{part}/{video}/{frame:06d}.jpg",
                "nframes": max(frames) + 2,
                "frame_id": image,
                "vid_id": video[:6],
                "id": image,
                "height": size_hw[0],
                "width": size_hw[1],
                "ignore_regions_x": [[0, 5, 5]] if frame in frames else [],
                "ignore_regions_y": [[0, 0, 5]] if frame in frames else [],
            }
        )
        for track in range(people if frame in frames else 0):
            values = [[0, 0, 0] if "ear" in name else [10 + n, 20 + frame, 1] for n, name in enumerate(POSETRACK_NAMES)]
            annotations.append(
                {
                    "bbox_head": [10, 20, 3, 4],
                    "keypoints": [value for triple in values for value in triple],
                    "track_id": track,
                    "image_id": image,
                    "bbox": [5.0, 5.0, 10.0 + track, 10.0],
                    "scores": [],
                    "category_id": 1,
                    "id": 100 * image + track,
                }
            )
    category = {"id": 1, "name": "person", "keypoints": list(POSETRACK_NAMES), "skeleton": [[2, 3]]}
    return {"categories": [category], "images": images, "annotations": annotations}


def write_posetrack(folder, videos, pictures=True):
    """Writes `annotations/<part>/<video>.json` and `images/<part>/<video>/000000.jpg`, …"""
    for content in videos:
        _, part, video, _ = content["images"][0]["file_name"].split("/")
        path = folder / "annotations" / part / f"{video}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
        for image in content["images"] if pictures else ():
            write_picture(folder / image["file_name"], 10 * int(image["file_name"][-10:-4]))
    return folder
