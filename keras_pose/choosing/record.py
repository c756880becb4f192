"""What `temporal_choice.json` says: the choice, the figures of all candidates, and the reason in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from keras_pose.choosing import unseen
from keras_pose.choosing.candidates import SINGLE_FRAME, Candidate
from keras_pose.choosing.comparison import MEASURE, Comparison, Verdict
from keras_pose.choosing.unseen import MIN_GROUPS, Part

_FORCE = "--pooling=sum, or any other kind, uses one without choosing"
_LEAST_LIKE = 0.8  # figure of the nets of the folds, as a part of that of the net
_PLAIN = ("median", "sum")


def too_few(parts: Sequence[Part], settings: str, advice: str = "") -> dict[str, Any]:
    """Returns the record of a choice that is not made because there are too few unseen groups.

    Args:
      parts: the unseen clips.
      settings: what the choice depends on.
      advice: what gives more unseen groups.
    """
    reason = (
        f"too few unseen groups to choose by: {count_groups(parts)}, at least {MIN_GROUPS} are needed, so frames are "
        f"not pooled; {_FORCE}{advice}"
    )
    return {**_head(SINGLE_FRAME, reason, parts, settings), "validation_used": False}


def of_comparison(
    comparison: Comparison, tried: Sequence[Candidate], costs: Mapping[str, float], parts: Sequence[Part], settings: str
) -> tuple[Candidate, dict[str, Any]]:
    """Returns the candidate that is chosen, and the record of the choice.

    Args:
      comparison: of all candidates.
      tried: the candidates.
      costs: what each costs, by its name.
      parts: the unseen clips.
      settings: what the choice depends on.
    """
    name, alike = comparison.choose(costs)
    chosen = next((candidate for candidate in tried if candidate.name == name), SINGLE_FRAME)
    verdicts = comparison.verdicts()
    record = _head(chosen, _explain(chosen, alike, verdicts, tried), parts, settings)
    record["single_frame"] = comparison.single()
    record["candidates"] = [
        {
            **candidate.flags(),
            **dataclasses.asdict(verdicts[candidate.name]),
            "wins": verdicts[candidate.name].wins,
            "cost": costs[candidate.name],
            "as_good": candidate.name in alike,
        }
        for candidate in sorted(tried, key=lambda candidate: -verdicts[candidate.name].difference)
    ]
    record["against"] = _against(comparison, chosen, tried)
    return chosen, record


def note_weak_folds(parts: Sequence[Part], figures: Sequence[float]) -> str:
    """Returns a note if the nets of the folds are much worse than the net itself; otherwise an empty string.

    What pools well around a weak net may be useless around a good one.

    Args:
      parts: the unseen clips.
      figures: the figure of the single frame for each part.
    """
    of_folds = [figure for part, figure in zip(parts, figures) if unseen.is_fold(part)]
    of_net = [figure for part, figure in zip(parts, figures) if not unseen.is_fold(part)]
    if not of_folds or not of_net:
        return ""
    fold, net = (sum(values) / len(values) for values in (of_folds, of_net))
    if fold >= _LEAST_LIKE * net:
        return ""
    return (
        f"the nets of the folds are far worse than the net itself (figure of the single frame on frames that they "
        f"have not seen: {100 * fold:.0f} % and {100 * net:.0f} %), so the choice may be wrong for it; more "
        "--choice_fold_steps make them alike"
    )


def count_groups(parts: Sequence[Part]) -> int:
    """Returns the number of groups of unseen clips."""
    return len({clip.group for part in parts for clip in part.clips})


def points(verdict: Verdict) -> str:
    """Returns a difference and its interval in points: "+2.1 points (1.0 to 3.2)"."""
    low, high = (100 * value for value in verdict.interval)
    return f"{100 * verdict.difference:+.1f} points ({low:.1f} to {high:.1f})"


def _head(chosen, reason, parts, settings):
    return {
        **chosen.flags(),
        "reason": reason,
        "measure": MEASURE,
        "unseen": [_describe_part(part) for part in parts],
        "validation_used": any(part.source == unseen.VALIDATION for part in parts),
        "single_frame": None,
        "candidates": [],
        "against": [],
        "settings": settings,
    }


def _describe_part(part):
    frames = sum(clip.num_labelled for clip in part.clips)
    return {"source": part.source, "groups": len(unseen.groups_of(part.clips)), "frames": frames}


def _against(comparison, chosen, tried):
    """The differences of the choice from the plain kinds with the same window and flow."""
    rows = []
    if chosen is SINGLE_FRAME:
        return rows
    for other in tried:
        if other.pooling in _PLAIN and other.window == chosen.window and other != chosen:
            difference, _, interval = comparison.difference(chosen.name, other.name)
            rows.append({**other.flags(), "difference": difference, "interval": interval})
    return rows


def _explain(chosen, alike, verdicts, tried):
    best = max(tried, key=lambda c: verdicts[c.name].difference)
    if chosen is SINGLE_FRAME:
        verdict = verdicts[best.name]
        found = points(verdict)
        if verdict.interval[0] > 0:  # this looks like a gain, and needs a reason
            found += (
                f"; with {len(tried)} candidates, the best is likely to be above zero by chance, and its limit for all "
                f"at once is {100 * verdict.lower_limit:+.1f}"
            )
        return f"no pooling is better than the single frame; the best, {best.describe()}: {found}. {_FORCE}"
    text = f"{chosen.describe()} against the single frame: {points(verdicts[chosen.name])}"
    if chosen == best:
        others = f", the best of {len(tried)} candidates" if len(alike) == 1 else f", the best of {len(alike)} as good"
        return text + others
    return (
        f"{text}; the cheapest of {len(alike)} that are as good as the best, {best.describe()}: "
        f"{points(verdicts[best.name])}"
    )
