"""Small folders in the layout of research sets, with MATLAB files of their structure."""

import cv2
import numpy as np
import scipy.io

from tests.helpers import real_videos

SIZE_HW = (48, 64)


def struct_array(rows):
    """A 1xN struct array of rows {field: value}."""
    names = list(rows[0])
    array = np.empty((1, len(rows)), [(name, object) for name in names])
    for place, row in enumerate(rows):
        array[0, place] = tuple(row[name] for name in names)
    return array


def cells(values, column=False):
    array = np.empty((len(values), 1) if column else (1, len(values)), object)
    for place, value in enumerate(values):
        array.flat[place] = value
    return array


def write_picture(path, level):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((*SIZE_HW, 3), level, np.uint8))


def spread(num_frames, num_joints, start=5.0):
    """float64 [T, J, 2], all different and inside the frame, with the first pixel at 1."""
    steps = np.arange(num_frames * num_joints).reshape(num_frames, num_joints)
    return np.stack([start + 0.25 * (steps % 200), start + 0.5 * (steps % 80)], -1)


def write_penn_action(root, trains=(1, -1), num_frames=3):
    """Videos 0001, 0002, …; in frame 2, joint 3 is hidden at its place and joint 4 has no label."""
    (root / "labels").mkdir(parents=True)
    for number, train in enumerate(trains, 1):
        points = spread(num_frames, 13)
        visibility = np.ones((num_frames, 13), np.uint8)
        visibility[1, 2:4] = 0
        points[1, 3] = 0.75
        variables = {
            "action": "bowl",
            "pose": "back",
            "x": points[..., 0],
            "y": points[..., 1],
            "visibility": visibility,
            "train": float(train),
            "bbox": np.ones((num_frames - 1, 4)),  # as in videos 1154 and 1865
            "dimensions": np.array([[*SIZE_HW, num_frames]], float),
            "nframes": float(num_frames),
        }
        scipy.io.savemat(root / "labels" / f"{number:04d}.mat", variables)
        for frame in range(1, num_frames + 1):
            write_picture(root / "frames" / f"{number:04d}" / f"{frame:06d}.jpg", 40 * frame)
    return root


def write_bbc_pose(root, numbers=(1, 2, 3, 21), place="bbcpose.mat"):
    """Video 1 trains, 2 validates, 3 tests, the others train; pictures only of the videos with these numbers."""
    rows = []
    for number in range(1, max(numbers) + 1):
        kind = {2: "val", 3: "test"}.get(number, "train")
        test_joints = spread(2, 7, 9.0).transpose(2, 1, 0) if kind == "test" else np.zeros((0, 0))
        rows.append(
            {
                "videoName": f"film{number}",
                "type": kind,
                "source": "tracker",
                "train_frames": np.array([[4.0, 2.0, 3.0]]),
                "train_joints": spread(3, 7).transpose(2, 1, 0),
                "test_frames": np.array([[2.0, 5.0]]) if kind == "test" else np.zeros((0, 0)),
                "test_joints": test_joints,
            }
        )
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    scipy.io.savemat(root / place, {"bbcpose": struct_array(rows)})
    for number in numbers:
        for frame in range(1, 6):
            write_picture(root / str(number) / f"{frame}.jpg", 40 * frame)
    return root


PIW_NAMES = (
    ("seq4", "Cast-Away-10-20-00001.png"),
    ("seq4", "Cast-Away-10-20-00003.png"),
    ("seq20", "The-Terminal-30-40-00231.png"),
    ("seq20", "The-Terminal-30-40-00235.png"),
    ("seq20", "The-Terminal-30-40-00279.png"),
    ("seq20", "The-Terminal-30-40-00281.png"),
)


def write_poses_in_the_wild(root):
    """Six labelled frames of two films; seq20 jumps; joint 4 (the left wrist) is not visible in the first."""
    rows = []
    for row, (sequence, name) in enumerate(PIW_NAMES):
        points = spread(6, 8)[row]
        visible = np.ones((8, 1), np.uint8)
        if row == 0:
            points[3] = -1
            visible[3] = 0
        im = f"dataset/selected_seqs/{sequence}/{name}"
        rows.append({"im": im, "point": points, "visible": visible})
        write_picture(root / im, 40 * row)
    write_picture(root / "dataset/selected_seqs/seq20/The-Terminal-30-40-00233.png", 99)
    scipy.io.savemat(root / "poses_in_the_wild_data.mat", {"piw_data": struct_array(rows)})
    return root


KINECT = ["HipCenter", "Spine", "ShoulderCenter", "Head"] + [
    f"{joint}{side}"
    for joints, side in (
        (("Shoulder", "Elbow", "Wrist", "Hand"), "Left"),
        (("Shoulder", "Elbow", "Wrist", "Hand"), "Right"),
        (("Hip", "Knee", "Ankle", "Foot"), "Left"),
        (("Hip", "Knee", "Ankle", "Foot"), "Right"),
    )
    for joint in joints
]


def write_chalearn(root, samples=(("train", 1), ("validation", 410), ("test", 700)), num_frames=5):
    """Samples with a person from the second frame on; the feet of the last frame lie below the picture."""
    for part, number in samples:
        name = f"Sample{number:05d}"
        folder = root / part / name
        folder.mkdir(parents=True)
        points = spread(num_frames, 20)
        points[0] = 0
        points[-1, 15] = (20, 300)
        frames = [
            {
                "Skeleton": {
                    "WorldPosition": np.zeros((20, 3)),
                    "JointType": cells(KINECT, column=True),
                    "PixelPosition": frame,
                }
            }
            for frame in points
        ]
        video = {
            "NumFrames": float(num_frames),
            "FrameRate": 20.0,
            "Frames": struct_array(frames),
            "Labels": struct_array([{"Name": "vattene", "Begin": 1.0, "End": 2.0}]),
        }
        scipy.io.savemat(folder / f"{name}_data.mat", {"Video": video})
        pictures = [np.full((*SIZE_HW, 3), 40 * i, np.uint8) for i in range(num_frames)]
        real_videos.write(folder / f"{name}_color.mp4", pictures)
    return root
