"""Pictures of several sizes in one folder: one clip for each size, all of the same session.

Frames of a clip have one size. Separate pictures need not: pictures from the web, or crops that changed between days.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping

from keras_pose.data.clip import Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.source import Problem, Source
from keras_pose.media.inspection import PictureFacts


def split_sizes(source: Source, facts: Mapping[str, PictureFacts]) -> Source:
    """Splits each clip of separate pictures, whose size no label states, into clips of one size.

    Args:
      source: the source.
      facts: facts about its pictures, by path.

    Returns:
      The source; a folder of n sizes is n clips, `<name> (<height>×<width>)`, of the session `<name>`. Positions and
      origins stay. Pictures that cannot be read go to the largest of them; validation reports them.
    """
    clips: list[Clip] = []
    problems: dict[str, list[Problem]] = collections.defaultdict(list)
    for problem in source.problems:
        problems[problem.clip].append(problem)
    moved: list[Problem] = []
    notes = []
    for clip in source.clips:
        groups = _rows_by_size(clip, facts)
        if len(groups) < 2:
            clips += [clip if not groups else _with_size(clip, next(iter(groups)))]
            moved += problems.pop(clip.name, [])
            continue
        places: dict[int, tuple[str, int]] = {}
        for size_hw, rows in sorted(groups.items()):
            part = _part(clip, size_hw, rows)
            clips.append(part)
            places.update({row: (part.name, new) for new, row in enumerate(rows)})
        moved += [_move(problem, places) for problem in problems.pop(clip.name, [])]
        sizes = ", ".join(f"{len(rows)} of {h}×{w}" for (h, w), rows in sorted(groups.items()))
        notes.append(f"{clip.name}: pictures of {len(groups)} sizes (height×width): {sizes}")
    moved += [problem for others in problems.values() for problem in others]  # of clips that could not be built
    return dataclasses.replace(source, clips=clips, problems=tuple(moved), notes=(*source.notes, *notes))


def _part(clip, size_hw, rows):
    """The rows of a clip whose pictures have one size, as a clip of its own."""
    files = clip.frames.pictures.select({int(clip.labelled[r]) for r in rows} & set(clip.frames.paths))
    name = f"{clip.name} ({size_hw[0]}×{size_hw[1]})"
    return dataclasses.replace(clip.select(rows), name=name, session=clip.session, frames=_of_size(files, size_hw))


def _move(problem, places):
    if problem.row is None:
        return problem
    name, row = places[problem.row]
    return dataclasses.replace(problem, clip=name, row=row)


def _rows_by_size(clip, facts):
    """Returns {(height, width) as read: rows}; nothing for clips whose size is given, or without a readable picture."""
    if not isinstance(clip.frames, ImageFrames) or clip.frames.stated_size_hw:
        return {}
    files = clip.frames.pictures
    groups: dict[tuple[int, int], list[int]] = {}
    unreadable = []
    for row, position in enumerate(clip.labelled.tolist()):
        found = facts.get(files.paths.get(position, ""))
        if found is None or found.fault:
            unreadable.append(row)
        else:
            size_hw = found.upright_hw if position in files.upright else found.size_hw
            groups.setdefault(size_hw, []).append(row)
    if groups:
        largest = max(groups, key=lambda size_hw: len(groups[size_hw]))
        groups[largest] = sorted(groups[largest] + unreadable)
    return groups


def _with_size(clip, size_hw):
    """The clip, whose size may have been that of a picture that turned out to be damaged."""
    if clip.frames.size_hw == size_hw:
        return clip
    return dataclasses.replace(clip, frames=_of_size(clip.frames.pictures, size_hw))


def _of_size(files, size_hw):
    return ImageFrames(files, size_hw)
