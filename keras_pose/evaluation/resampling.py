"""What a bootstrap draws: whole sessions or clips if there are enough, otherwise blocks of consecutive frames.

Frames that follow each other resemble each other. To draw them one by one would count them as independent, and give
intervals that are far too narrow. So units are drawn that are nearly independent:

- groups (the sessions of one film or person), if clips have some; sessions (the clips of one recording); or clips, if
  each is a session of its own; of these at least `MIN_GROUPS` must have labels;
- otherwise blocks of consecutive labelled frames (circular block bootstrap, Politis and Romano 1992). Their length
  follows from the autocorrelation of the errors (Politis and White 2004, corrected by Patton et al. 2009); it is 1 if
  there is none. Such intervals say nothing about other clips: they are a lower bound of the uncertainty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

MIN_GROUPS = 5

GROUPS = "groups"
SESSIONS = "sessions"
CLIPS = "clips"
BLOCKS = "blocks"


def choose_unit(sessions: Sequence[str], groups: Sequence[str]) -> str:
    """Returns what to draw: GROUPS, SESSIONS, CLIPS or BLOCKS.

    Args:
      sessions: the session of each clip that has labels.
      groups: the group of each of these clips; none: the sessions. Fewer groups than sessions are drawn, and if they
        are fewer than `MIN_GROUPS`, blocks of frames of each session, as if there were few sessions.
    """
    if groups and len(set(groups)) < len(set(sessions)):
        return GROUPS if len(set(groups)) >= MIN_GROUPS else BLOCKS
    if len(set(sessions)) < MIN_GROUPS:
        return BLOCKS
    return SESSIONS if len(set(sessions)) < len(sessions) else CLIPS


def block_length(series: Sequence[np.ndarray]) -> int:
    """Chooses the number of consecutive frames in a block.

    Args:
      series: float64 [N] each, the mean error of each labelled frame of a sequence, in the order of the frames.

    Returns:
      1 or more, at most a third of all frames; 1 if errors of successive frames are uncorrelated.
    """
    count = sum(map(len, series))
    if count < 4:
        return 1
    mean = np.concatenate(series).mean()
    centred = [values - mean for values in series]
    # Estimate the autocovariance at each lag, with pairs of frames of the same sequence only.
    look_ahead = max(5, math.ceil(math.sqrt(math.log10(count))))
    lags = min(math.ceil(math.sqrt(count)) + look_ahead, count - 1)
    sums = [sum(float(v[k:] @ v[: max(len(v) - k, 0)]) for v in centred) for k in range(lags + 1)]
    covariance = np.array(sums) / count
    if covariance[0] <= 1e-12 * max(mean**2, 1e-12):
        return 1  # all errors are equal
    # Find the last lag with a correlation that is more than chance: behind it, `look_ahead` lags have none.
    is_real = np.abs(covariance[1:] / covariance[0]) > 2 * math.sqrt(math.log10(count) / count)
    runs = (m for m in range(lags) if not is_real[m : m + look_ahead].any())
    last_lag = next(runs, lags)
    if last_lag == 0:
        return 1
    # Weigh the lags with a flat top, and take the length that balances bias and variance of the interval.
    k = np.arange(1, min(2 * last_lag, lags) + 1)
    weights = np.clip(2 * (1 - k / k[-1]), 0, 1) if len(k) > 1 else np.ones(1)
    spread = covariance[0] + 2 * float(weights @ covariance[k])
    slope = 2 * float((weights * k) @ covariance[k])
    largest = max(1, min(math.ceil(3 * math.sqrt(count)), count // 3))
    if spread <= 0:
        return largest
    return int(np.clip(round((1.5 * slope**2 / spread**2 * count) ** (1 / 3)), 1, largest))


def draw_weights(
    rng: np.random.Generator, resamples: int, num_rows: int, block_frames: int = 1, lengths: Sequence[int] = ()
) -> np.ndarray:
    """Draws how often each row counts in each resample.

    Args:
      rng: the source of randomness.
      resamples: R.
      num_rows: U, the number of units, or of frames if blocks of frames are drawn.
      block_frames: frames of a block. A block that begins near the end of its sequence goes on at its beginning.
      lengths: number of frames of each sequence, U in all; needed if `block_frames` is above 1.

    Returns:
      float64 [R, U].
    """
    if not num_rows:
        return np.zeros((resamples, 0))
    starts = rng.multinomial(num_blocks(num_rows, block_frames), np.full(num_rows, 1 / num_rows), resamples)
    if block_frames == 1:
        return starts.astype(np.float64)
    parts = np.split(starts, np.cumsum(lengths)[:-1], axis=1)
    return np.concatenate([_cover(part, min(block_frames, part.shape[1])) for part in parts], axis=1)


def _cover(starts, length):
    """Returns how many blocks of `length` frames, which begin as `starts` [R, N] says, cover each frame."""
    wrapped = np.concatenate([starts[:, starts.shape[1] - length + 1 :], starts], axis=1)
    sums = np.cumsum(np.pad(wrapped, ((0, 0), (1, 0))), axis=1)
    return (sums[:, length:] - sums[:, :-length]).astype(np.float64)


def num_blocks(num_frames: int, block_frames: int) -> int:
    """Returns the number of blocks in a resample, which has about as many frames as there are."""
    return -(-num_frames // block_frames)


def describe_interval(limits: dict[str, Any]) -> str:
    """Returns how intervals were made, as a sentence, and what they do not say.

    Args:
      limits: what `bootstrap.intervals` returned.
    """
    unit = "labelled frames" if limits["block_frames"] == 1 else limits["unit"]
    drawn = f"{limits['num_units']} {unit if limits['num_units'] != 1 else unit[:-1]}"
    if limits["unit"] == BLOCKS and limits["block_frames"] > 1:
        drawn += f" of {limits['block_frames']} consecutive labelled frames"
    text = f"{100 * limits['level']:g} % bootstrap intervals, {limits['resamples']} resamples of {drawn}."
    if limits["lower_bound"]:
        text += (
            f" There are fewer than {MIN_GROUPS} independent clips, so the intervals say nothing about other clips: "
            "they are a lower bound of the uncertainty."
        )
    return text
