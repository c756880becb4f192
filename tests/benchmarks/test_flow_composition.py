"""Composed and direct flow of signers, and the maps that show where flow fails."""

import numpy as np
import pytest

from benchmarks import flow_composition
from keras_pose.data.synthetic.signer_clip import SignerClip


@pytest.fixture(scope="module")
def clip():
    return SignerClip("test", 0, 6, (64, 64))


def test_constant_flows_add_up():
    def flow(target, source):
        assert target - source == 1
        return np.full((8, 8, 2), 0.5, np.float32)

    found = list(flow_composition.compose_flows(flow, target=5, gaps=(1, 2, 3)))
    for gap, composed in enumerate(found, 1):
        np.testing.assert_allclose(composed, 0.5 * gap)


def test_true_flow_has_no_error_and_composition_little(clip):
    errors = flow_composition.measure_clip(clip, clip.flow, targets=(5,))
    for gap in flow_composition.GAPS:
        assert errors["direct", gap, "body mean"] == 0
    assert errors["composed", 1, "body mean"] == 0
    assert 0 < errors["composed", 3, "body mean"] < 0.5
    none = flow_composition.measure_clip(clip, lambda target, source: np.zeros((64, 64, 2)), targets=(5,))
    assert none["direct", 3, "body mean"] > errors["composed", 3, "body mean"]


def test_true_flow_leads_wrists_to_their_place(clip):
    errors = flow_composition.wrist_errors(clip, clip.flow(5, 3), 5, 3)
    assert len(errors) in (1, 2)
    assert errors.max() < 1  # the flow is read at the nearest pixel


def test_the_area_under_the_curve_counts_pairs():
    scores = np.array([3.0, 1.0, 2.0, 2.0])
    positive = np.array([True, False, True, False])
    # Of the four pairs, three are in order and one is a tie.
    assert flow_composition.area_under_curve(scores, positive) == pytest.approx(3.5 / 4)


def test_rows_compare_both_ways_clip_by_clip(clip):
    long = SignerClip("test", 1, 16, (64, 64))
    rows = {row.what: row for row in flow_composition.error_rows("none", [long, long])}
    direct = rows["none, direct, 2 frames, body mean error"]
    assert direct.low == pytest.approx(direct.value)  # equal clips
    assert rows["none, composed − direct, 2 frames, body mean error"].value == 0
