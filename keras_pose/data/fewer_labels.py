"""Keeps every n-th labelled frame of each clip (`--every_label`).

Neighbouring frames of densely labelled video teach almost the same, but each costs memory and reading.
"""

from __future__ import annotations

import dataclasses

from keras_pose.data.clip import TEST
from keras_pose.data.source import Source


def keep_every(source: Source, interval: int, whole_tests: bool = False) -> Source:
    """Returns the source with labelled frames 0, n, 2n, … of each clip, and with the problems of these.

    Args:
      source: the source.
      interval: n, from 1 (all).
      whole_tests: whether clips that the authors of a set test on keep all their labels.
    """
    if interval == 1:
        return source
    steps = {clip.name: 1 if whole_tests and clip.part == TEST else interval for clip in source.clips}
    clips = [clip.select(slice(None, None, steps[clip.name])) for clip in source.clips]
    problems = tuple(
        problem if problem.row is None else dataclasses.replace(problem, row=problem.row // steps[problem.clip])
        for problem in source.problems
        if problem.row is None or problem.row % steps[problem.clip] == 0
    )
    return dataclasses.replace(source, clips=clips, problems=problems)
