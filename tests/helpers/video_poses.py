"""Poses of videos for tests: random ones with everything that can occur in them."""

import numpy as np

from keras_pose.poses.video_poses import ModelFacts, VideoFacts, VideoPoses, empty_arrays
from keras_pose.skeleton import Skeleton

SKELETON = Skeleton("arm", ("shoulder", "elbow", "wrist_2"), (), (("shoulder", "elbow"), ("elbow", "wrist_2")))


def random_poses(
    num_frames=12, people=("person",), skeleton=SKELETON, size_hw=(240, 320), path="videos/clip one.mp4", seed=0
):
    """Poses with a frame that is not decoded, a person who is away, ambiguous joints and uneven times."""
    rng = np.random.default_rng(seed)
    arrays = empty_arrays(num_frames, len(people), skeleton.num_joints)
    height, width = size_hw
    arrays["frames"] = np.arange(num_frames)
    arrays["times_s"] = np.cumsum(rng.uniform(0.03, 0.05, num_frames))
    arrays["decoded"][:] = True
    arrays["joints"][:] = rng.uniform(0, [width - 1, height - 1], arrays["joints"].shape)
    for name in ("scores", "confidences"):
        arrays[name][:] = rng.uniform(0, 1, arrays[name].shape)
    arrays["expected_errors_px"][:] = rng.uniform(1, 9, arrays["scores"].shape)
    arrays["ambiguous"] = rng.uniform(0, 1, arrays["scores"].shape) < 0.1
    arrays["regions"][:] = [0, 0, width, height]
    # Frame 3 is broken; the last person leaves before the end.
    gaps = [(3, slice(None)), (slice(-2, None), -1)] if num_frames > 5 else []
    for frames, who in gaps:
        for name in ("joints", "confidences", "expected_errors_px", "regions"):
            arrays[name][frames, who] = np.nan
        arrays["scores"][frames, who] = 0
        arrays["ambiguous"][frames, who] = False
    if gaps:
        arrays["decoded"][3] = False
    return VideoPoses(
        video=VideoFacts(path, size_hw, 25.0, num_frames),
        model=ModelFacts("mine", "", "ab" * 32, "0.1.0"),
        skeleton=skeleton,
        people=tuple(people),
        calibration={"distance_px": 6.0},
        settings={"smoothing": "none"},
        **arrays,
    )
