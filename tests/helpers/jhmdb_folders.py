"""Small folders in the layout of JHMDB."""

import cv2
import numpy as np
import scipy.io

from tests.helpers import real_videos

SIZE_HW = (24, 32)
CLIPS = (
    "catch/Big_Film_catch_u_cm_np1_fr_med_0",
    "catch/Big_Film_catch_f_cm_np1_fr_med_1",
    "wave/Hello_[@]_wave_wave_u_nm_np1_le_goo_2",
)


def joints_of(clip, num_frames):
    """float64 [2, 15, T] from the outer edge, all inside the frame and different for each clip."""
    start = 2.5 + CLIPS.index(clip)
    x = start + np.arange(15)[:, None] + 0.25 * np.arange(num_frames)
    return np.stack([x, 0.5 * x])


def draw(number):
    return np.full((*SIZE_HW, 3), 20 + 10 * number, np.uint8)


def write_joints(root, clip, joints):
    folder = root / "joint_positions" / clip
    folder.mkdir(parents=True)
    scipy.io.savemat(folder / "joint_positions.mat", {"pos_img": joints, "scale": np.ones((1, joints.shape[2]))})


def write_pictures(root, clip, num_frames):
    folder = root / "Rename_Images" / clip
    folder.mkdir(parents=True)
    for number in range(num_frames):
        cv2.imwrite(str(folder / f"{number + 1:05d}.png"), draw(number))
    (folder / ".DS_Store").write_bytes(b"x")


def write_video(root, clip, num_frames, folder="videos"):
    path = root / folder / f"{clip}.avi"
    path.parent.mkdir(parents=True, exist_ok=True)
    real_videos.write(path, [draw(number) for number in range(num_frames)], "mjpeg")


def write_split(root, folder, name, lines):
    (root / folder).mkdir(exist_ok=True)
    (root / folder / name).write_text("".join(f"{line}\n" for line in lines))


def write(root, num_frames=4, pictures=True):
    """Writes three clips of two actions, split 1 and sub-split 1; returns the folder."""
    for clip in CLIPS:
        write_joints(root, clip, joints_of(clip, num_frames))
        (write_pictures if pictures else write_video)(root, clip, num_frames)
    names = [clip.partition("/")[2] for clip in CLIPS]
    write_split(root, "splits", "catch_test_split1.txt", [f"{names[0]}.avi 1", f"{names[1]}.avi 2 "])
    write_split(root, "splits", "wave_test_split1.txt", [f"{names[2]}.avi 1"])
    write_split(root, "sub_splits", "catch_test_split_1.txt", [f"{names[0]}.avi 0", f"{names[1]}.avi 1"])
    write_split(root, "sub_splits", "wave_test_split_1.txt", [f"{names[2]}.avi 2"])
    return root
