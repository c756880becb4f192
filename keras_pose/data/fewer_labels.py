"""Keeps every n-th labelled frame of each clip (`--every_label`).

Neighbouring frames of densely labelled video teach almost the same, but each costs memory and reading.
"""

from __future__ import annotations

import dataclasses

from keras_pose.data.source import Source


def keep_every(source: Source, interval: int) -> Source:
    """Returns the source with labelled frames 0, n, 2n, … of each clip, and with the problems of these.

    Args:
      source: the source.
      interval: n, from 1 (all).
    """
    if interval == 1:
        return source
    clips = [clip.select(slice(None, None, interval)) for clip in source.clips]
    problems = tuple(
        problem if problem.row is None else dataclasses.replace(problem, row=problem.row // interval)
        for problem in source.problems
        if problem.row is None or problem.row % interval == 0
    )
    return dataclasses.replace(source, clips=clips, problems=problems)
