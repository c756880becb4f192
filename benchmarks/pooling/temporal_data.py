"""The clips of `benchmarks.temporal`: what is scored, what poolings are fitted on, and the folds of both."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_pose.data import selection, splits
from keras_pose.data.clip import Clip
from keras_pose.data.config import DataConfig
from keras_pose.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class TemporalData:
    """Clips with the joints of a net.

    Args:
      scored: clips whose labelled frames are scored.
      fitted: clips to fit poolings on; empty: the scored clips of other groups.
      points: {name of a clip: float32 [F, J, 2]}, the labels of all of its frames, px of the frame; NaN if unlabelled.
      joints: positions of these J joints among those of the net.
      skeleton: these joints.
    """

    scored: list[Clip]
    fitted: list[Clip]
    points: dict[str, np.ndarray]
    joints: list[int]
    skeleton: Skeleton


def open_data(
    spec: str, net_skeleton: Skeleton, scored: str = "", fitted: str = "", every: int = 1, most_fitted: int = 0
) -> TemporalData:
    """Opens the clips.

    Args:
      spec: a source, as `--data`.
      net_skeleton: the joints of the net; those without any label in the data are left out.
      scored: file of the names of the clips to score; empty: all.
      fitted: file of the names of the clips to fit on, without those of groups that are scored; empty: none.
      every: every so many labelled frames of a clip are used.
      most_fitted: most clips to fit on, of as many groups as possible; 0: all.

    Raises:
      ValueError: if the data has none of the net's joints, or names are unknown.
    """
    names = ",".join(net_skeleton.joints)
    config = DataConfig(source=spec, joints=names, on_bad_label="skip", outside="unlabel")
    source = selection.open_data(spec, config)
    clips = [clip for clip in source.clips if clip.frames.num_frames is not None]
    tests = splits.select_clips(clips, splits.read_clip_names(scored)) if scored else clips
    groups = {clip.group for clip in tests}
    others = splits.select_clips(clips, splits.read_clip_names(fitted)) if fitted else []
    others = take_spread([clip for clip in others if clip.group not in groups], most_fitted)
    used = [*tests, *others]
    if not used:
        raise ValueError(f"--data={spec}: expected labelled videos, found none")
    labelled = np.any([(clip.visibility > 0).any(0) for clip in used], axis=0)
    joints = np.flatnonzero(labelled).tolist()
    skeleton = choose_joints(source.skeleton, joints)
    points = {clip.name: _all_points(clip)[:, joints] for clip in used}
    both = [[_thin_out(clip, joints, every) for clip in part] for part in (tests, others)]
    kept = [[clip for clip in part if clip.num_labelled] for part in both]
    return TemporalData(kept[0], kept[1], points, joints, skeleton)


def take_spread(clips: Sequence[Clip], most: int) -> list[Clip]:
    """Returns at most this many clips (0: all), of as many groups as possible, in their order."""
    turns: dict[str, int] = {}
    ranked = []
    for place, clip in enumerate(clips):
        turns[clip.group] = turns.get(clip.group, 0) + 1
        ranked.append((turns[clip.group], place))
    chosen = sorted(place for _, place in sorted(ranked)[: most or None])
    return [clips[place] for place in chosen]


def make_folds(groups: Sequence[str], count: int) -> np.ndarray:
    """Returns int [N], the fold of each of N items: a group is never cut, and groups take turns.

    Args:
      groups: the group of each item.
      count: number of folds, at least 2.

    Raises:
      ValueError: for fewer groups than folds.
    """
    names = list(dict.fromkeys(groups))
    if not 2 <= count <= len(names):
        raise ValueError(f"--folds: expected 2 to {len(names)}, the number of groups, received {count}")
    return np.array([names.index(group) % count for group in groups])


def choose_joints(skeleton: Skeleton, joints: Sequence[int]) -> Skeleton:
    """Returns the skeleton of the joints at these positions."""
    names = tuple(skeleton.joints[joint] for joint in joints)
    pairs = tuple(pair for pair in skeleton.flip_pairs if set(pair) <= set(names))
    edges = tuple(edge for edge in skeleton.edges if set(edge) <= set(names))
    return Skeleton(skeleton.name, names, pairs, edges)


def _all_points(clip):
    points = np.full((clip.frames.num_frames, *clip.joints.shape[1:]), np.nan, np.float32)
    inside = clip.labelled < len(points)
    points[clip.labelled[inside]] = clip.joints[inside]
    return points


def _thin_out(clip, joints, every):
    rows = [row for row in range(clip.num_labelled) if clip.has_neighbours(row)][::every]
    chosen = clip.select(np.array(rows, int))
    return dataclasses.replace(
        chosen,
        joints=chosen.joints[:, joints],
        visibility=chosen.visibility[:, joints],
        weights=chosen.weights[:, joints],
    )
