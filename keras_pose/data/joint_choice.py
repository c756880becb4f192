"""Chooses the joints that a net learns; what else the labels have becomes landmarks.

Data sets label other joints than a net needs. The joints that are not chosen stay with the clip as landmarks
(`Clip.landmarks`): hips, which the size of a torso needs, are known to the scores without being learnt.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from keras_pose.data.clip import UNLABELLED, Clip
from keras_pose.data.source import Problem, Source
from keras_pose.side_names import infer_flip_pairs, match_names
from keras_pose.skeleton import UPPER_BODY, Skeleton, read_names

ALL = "all"
UPPER = "upper_body"


def parse_joints(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """Returns the names of the joints that `--joints` asks for, in its order.

    Args:
      text: all, upper_body, or names with commas between them. Names of `known` may contain commas and spaces.
      known: names of the joints of the data; other names are taken as they are written.

    Raises:
      ValueError: for an empty name or a name that is given twice.
    """
    if text.strip() == ALL:
        return tuple(known)
    if text.strip() == UPPER:
        return UPPER_BODY.joints
    readings = read_names(text, known, ",")
    names = readings[0] if len(readings) == 1 else [name.strip() for name in text.split(",")]
    if not all(names):
        raise ValueError(f"--joints: expected {ALL}, {UPPER}, or names as a,b,c, received {text!r}")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"--joints: expected each joint once, received twice: {', '.join(repeated)}")
    return tuple(names)


class LackingJointsError(ValueError):
    """A source lacks joints that it must have."""


def choose_joints(source: Source, names: Sequence[str], may_lack: bool = True) -> Source:
    """Keeps the joints with these names, in this order.

    A joint may be written in another way in the source (`side_names.match_names`). All other joints become landmarks,
    NaN where they are not labelled. A joint that the source lacks is unlabelled in all its frames, with a note. Rows in
    which other joints are labelled but none of the chosen ones are left out and counted. Flip pairs, edges and colours
    are those among the chosen joints.

    Args:
      source: the source, validated or not.
      names: names of joints.
      may_lack: whether the source may lack some of them.

    Raises:
      LackingJointsError: if the source has none of these joints, or lacks one that it must have; the message lists
        those that it has.
    """
    names = tuple(names)
    own = source.skeleton.joints
    if names == own:
        return source
    called = match_names(names, own)
    if not called or (len(called) < len(names) and not may_lack):
        expected = "at least one of the joints" if may_lack else "the joints"
        raise LackingJointsError(
            f"{source.name or 'source'}: expected {expected} {', '.join(names)}, received {', '.join(own)}"
        )
    taken = [own.index(called[name]) if name in called else -1 for name in names]
    changed = [_choose_in_clip(clip, own, taken) for clip in source.clips]
    left_out = {clip.name: rows for clip, (_, rows) in zip(source.clips, changed)}
    return dataclasses.replace(
        source,
        clips=[clip for clip, _ in changed if clip.num_labelled],
        skeleton=choose_in_skeleton(source.skeleton, names, called),
        problems=_move_problems(source.problems, taken, left_out),
        notes=(*source.notes, *_describe(names, called, sum(map(len, left_out.values())))),
    )


def choose_in_skeleton(own: Skeleton, names: Sequence[str], called: Mapping[str, str]) -> Skeleton:
    """Returns a skeleton of these joints, with the flip pairs, edges and colours that `own` has for them.

    The seven joints of the upper body keep their own skeleton.

    Args:
      own: a skeleton.
      names: names of the joints.
      called: {name: name of the joint in `own`}; joints that are missing get flip pairs by their names.
    """
    names = tuple(names)
    if names == UPPER_BODY.joints:
        return UPPER_BODY
    new = {old: name for name, old in called.items()}

    def among(pairs):
        return tuple((new[a], new[b]) for a, b in pairs if a in new and b in new)

    pairs = among(own.flip_pairs)
    pairs += tuple(pair for pair in infer_flip_pairs(names) if not set(pair) <= set(called))
    paired = [joint for pair in pairs for joint in pair]
    colors = dict(zip(own.joints, own.colors))
    spread = Skeleton(own.name, names).colors
    return Skeleton(
        own.name,
        names,
        tuple(pair for pair in pairs if max(paired.count(joint) for joint in pair) == 1),
        among(own.edges),
        tuple(colors.get(called.get(name, ""), color) for name, color in zip(names, spread)),
    )


def _describe(names, called, num_left_out) -> list[str]:
    notes = []
    missing = [name for name in names if name not in called]
    renamed = [f"{old} as {name}" for name, old in called.items() if old != name]
    if renamed:
        notes.append(f"joints are read under other names: {', '.join(renamed)}")
    if missing:
        notes.append(f"joints without any label: {', '.join(missing)}")
    if num_left_out:
        frames = "1 labelled frame is" if num_left_out == 1 else f"{num_left_out} labelled frames are"
        notes.append(f"{frames} left out: no chosen joint has a label there ({', '.join(names)})")
    return notes


def _choose_in_clip(clip: Clip, own: Sequence[str], taken: Sequence[int]) -> tuple[Clip, np.ndarray]:
    """Returns the clip with the joints at `taken` (-1: unlabelled), and the rows that were left out."""
    # A column behind the others, at -1, stands for joints that the source lacks.
    visibility = _with_column(clip.visibility, UNLABELLED)[:, taken]
    chosen = dataclasses.replace(
        clip,
        joints=_with_column(clip.joints, np.nan)[:, taken],
        visibility=visibility,
        weights=_with_column(clip.weights, 1)[:, taken],
        landmarks={
            **clip.landmarks,
            **{name: clip.joints[:, joint] for joint, name in enumerate(own) if joint not in taken},
        },
    )
    left_out = np.flatnonzero((clip.visibility != UNLABELLED).any(-1) & (visibility == UNLABELLED).all(-1))
    if not len(left_out):
        return chosen, left_out
    return chosen.select(np.setdiff1d(np.arange(clip.num_labelled), left_out)), left_out


def _with_column(array, value):
    return np.concatenate([array, np.full_like(array[:, :1], value)], axis=1)


def _move_problems(problems, taken, left_out) -> tuple[Problem, ...]:
    """Problems of chosen joints and of whole rows, at their new places."""
    moved = []
    for problem in problems:
        if problem.joint is not None:
            if problem.joint not in taken:
                continue
            problem = dataclasses.replace(problem, joint=list(taken).index(problem.joint))
        if problem.row is not None:
            rows = left_out[problem.clip]
            if problem.row in rows:  # the joint that cannot be read was the only chosen one
                problem = dataclasses.replace(problem, row=None, joint=None)
            else:
                problem = dataclasses.replace(problem, row=problem.row - int((rows < problem.row).sum()))
        moved.append(problem)
    return tuple(moved)
