"""Training, validation and test clips of research sets, as the authors of a set divided it (`--split=authors`).

Importers write the part of each clip into `Clip.part`. Figures are comparable with a paper's only on its own parts.
"""

from __future__ import annotations

from collections.abc import Sequence

from keras_pose.data.clip import PARTS, TEST, VALIDATION, Clip

RANDOM = "random"
AUTHORS = "authors"


def parse(value: str) -> str | None:
    """Returns the name of the split that the flag `--split` asks importers for.

    Args:
      value: random, authors, or authors:<name>.

    Returns:
      None for random; otherwise the name, empty if none is given: the first split of the set.

    Raises:
      ValueError: for another value.
    """
    kind, colon, name = value.partition(":")
    if kind not in (RANDOM, AUTHORS) or (colon and (kind == RANDOM or not name)):
        raise ValueError(f"--split: expected random, authors or authors:<name>, received {value!r}")
    return None if kind == RANDOM else name


def choose_name(wanted: str | None, names: Sequence[str], path: str) -> str:
    """Returns the split of a set to read.

    Args:
      wanted: as `parse` returns it.
      names: the splits that the set has, the default first; empty: it has none.
      path: the set, for messages.

    Returns:
      The name; empty if the set has no split and none was asked for.

    Raises:
      ValueError: if the set has no split of the name that was asked for; the message lists those that it has.
    """
    if wanted and wanted not in names:
        has = f"one of its splits {', '.join(names)}" if names else "no name, since it has only one split"
        raise ValueError(f"{path}: --split=authors:{wanted}: expected {has}")
    return wanted or (names[0] if names else "")


def divide(clips: Sequence[Clip], spec: str) -> tuple[list[Clip], list[Clip], list[Clip]]:
    """Divides clips by their parts.

    Args:
      clips: the clips; those of no part are trained on.
      spec: the source, as `--data`, for messages.

    Returns:
      (training clips, validation clips, test clips); the validation is empty if the authors named none.

    Raises:
      ValueError: if no clip has a part.
    """
    if not any(clip.part for clip in clips):
        raise ValueError(
            f"--split=authors: --data={spec} does not say which clips its authors trained and tested on; take "
            "--split=random with --test_clips, --test_fraction or --test_data"
        )
    held_out = {part: [clip for clip in clips if clip.part == part] for part in (VALIDATION, TEST)}
    return [clip for clip in clips if clip.part not in held_out], held_out[VALIDATION], held_out[TEST]


def keep_tests(clips: Sequence[Clip]) -> list[Clip]:
    """Returns the test clips of a set that another set is tested on; all if its authors named no parts."""
    return [clip for clip in clips if clip.part == TEST] if any(clip.part for clip in clips) else list(clips)


def describe(clips: Sequence[Clip]) -> str:
    """Returns how many clips each part has: `train 10, test 5`; empty if no clip has a part."""
    counts = {part: sum(clip.part == part for clip in clips) for part in PARTS}
    return ", ".join(f"{part} {count}" for part, count in counts.items() if count)
