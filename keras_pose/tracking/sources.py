"""Opens what says where to look: one function for the flags of a command."""

from __future__ import annotations

import os

from keras_pose.tracking import regions
from keras_pose.tracking.follow_settings import FollowSettings
from keras_pose.tracking.following import Following
from keras_pose.tracking.region_shapes import FrameShape
from keras_pose.tracking.regions import FixedRegion, RegionSource, WholeFrame
from keras_pose.tracking.track_files import MAX_GAP, PADDING, open_tracks

WHOLE = "whole"
FOLLOW = "follow"


def check_flags(region: str = WHOLE, tracks: str = "", detector: str = "") -> None:
    """Checks flags before anything is loaded; see `open_source`.

    Raises:
      ValueError: if they contradict each other, a file is missing, or a region is none.
    """
    given = [f"--{name}" for name, value in (("tracks", tracks), ("detector", detector)) if value]
    if region not in ("", WHOLE):
        given.insert(0, f"--region={region}")
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)}: expected at most one of --region, --tracks and --detector")
    if region not in ("", WHOLE, FOLLOW):
        if "," not in region:
            raise ValueError(f"--region: expected {WHOLE}, {FOLLOW} or x,y,width,height in px, received {region!r}")
        regions.parse_region(region)
    if tracks and not os.path.isfile(tracks):
        raise ValueError(
            f"--tracks: expected a file of boxes (MOT challenge .txt, or COCO .json), found no file {tracks}"
        )
    if detector and not os.path.isfile(os.path.join(detector, "saved_model.pb")):
        raise ValueError(f"--detector: expected the folder of a SavedModel (with saved_model.pb), received {detector}")


def open_source(
    region: str = WHOLE,
    tracks: str = "",
    detector: str = "",
    *,
    frame_size_hw: tuple[int, int],
    aspect: float = 1.0,
    share: float = 0.0,
    block: int = 8,
    padding: float = PADDING,
    max_gap: int = MAX_GAP,
    detector_class: int = 1,
    detector_score: float = 0.5,
    detector_every: int = 16,
    detector_keep: int = 48,
) -> RegionSource:
    """Opens the source of regions that flags ask for.

    Args:
      region: "whole", "follow", or "x,y,width,height" in px.
      tracks: file of boxes; empty: none.
      detector: folder of a SavedModel that finds people; empty: none.
      frame_size_hw: (height, width) of the upright frames in px.
      aspect: width of the net's input divided by its height.
      share: see `FollowSettings`.
      block: see `RegionSource`; for following.
      padding: factor by which the boxes of tracks and detectors are enlarged.
      max_gap: tracks: the most frames without a box that are bridged.
      detector_class: the class that counts as a person.
      detector_score: the lowest score of a person.
      detector_every: frames from one detection to the next.
      detector_keep: frames for which somebody who is not detected stays.

    Raises:
      ValueError: for flags that contradict each other, a region, file or detector that cannot be used, or one that lies
        outside the frame.
      OSError: if a file cannot be read.
    """
    check_flags(region, tracks, detector)
    _check_numbers(padding, max_gap, detector_every, detector_keep)
    shape = FrameShape((int(frame_size_hw[0]), int(frame_size_hw[1])), aspect)
    settings = FollowSettings(block=block, share=share)
    if tracks:
        return open_tracks(tracks, shape, padding, max_gap)
    if detector:
        # TensorFlow is loaded only if it is needed.
        from keras_pose.tracking.detected_people import DetectedPeople
        from keras_pose.tracking.detector import Detector

        detect = Detector(detector, detector_class, detector_score).detect
        return DetectedPeople(detect, aspect, detector_every, detector_keep, padding, settings)
    if region == FOLLOW:
        return Following(aspect, settings)
    if region in ("", WHOLE):
        return WholeFrame()
    box = regions.parse_region(region)
    regions.check_overlap(box, shape.size_hw, "--region")
    return FixedRegion(box)


def _check_numbers(padding, max_gap, detector_every, detector_keep):
    if not padding > 0:
        raise ValueError(f"padding: expected a number above 0, received {padding}")
    for name, value, least in (
        ("max_gap", max_gap, 0),
        ("detector_every", detector_every, 1),
        ("detector_keep", detector_keep, 0),
    ):
        if value < least:
            raise ValueError(f"{name}: expected at least {least}, received {value}")
