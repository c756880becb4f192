"""Differences in kinds of errors between nets with and without fusion."""

import dataclasses

import numpy as np
import pytest

from benchmarks.claim_checks import fusion
from benchmarks.claim_checks.findings import HELD, UNDECIDED
from keras_pose.data.synthetic.signers import SKELETON
from tests.helpers.predictions import make_predictions


def swap_wrists(clip):
    return dataclasses.replace(clip, predicted=clip.truth[:, SKELETON.flip_permutation()])


def test_corrected_swaps_are_found_and_counted():
    right = [dataclasses.replace(clip, predicted=clip.truth) for clip in make_predictions(8)]
    swapped = [swap_wrists(clip) for clip in right[:4]] + right[4:]
    found = list(fusion.compare_errors("signers", 0.05, SKELETON, [right], [swapped], "a − b"))
    by_name = {finding.what.partition(",")[0]: finding for finding in found}
    assert by_name["wrong modes"].value == pytest.approx(-100 * 4 / 8 * 6 / 7)
    assert by_name["left-right swaps"].value == by_name["wrong modes"].value
    assert by_name["wrong modes"].verdict == HELD
    assert by_name["background"].verdict == UNDECIDED
    assert [finding.main for finding in found] == [True, False, False, False]
    assert (
        "72 of 72 wrong modes become right, 0 of 96 right joints wrong modes; near misses 0.0 % with"
        in by_name["wrong modes"].note
    )


def test_new_wrong_modes_are_counted():
    right = [dataclasses.replace(clip, predicted=clip.truth) for clip in make_predictions(5)]
    lost = [dataclasses.replace(clip, predicted=np.full_like(clip.truth, 1000.0)) for clip in right]
    text = fusion.count_repairs([lost], [right], SKELETON, 0.05)
    assert text == "0 of 0 wrong modes become right, 105 of 105 right joints wrong modes"
