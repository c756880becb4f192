"""The failure gallery: kinds that fit the predictions, the worst first, few from one clip."""

import numpy as np
import pytest

from keras_pose.evaluation import error_kinds
from keras_pose.showing import failures


@pytest.mark.parametrize("kind", ["heatmap", "flowing", "coordinate"])
def test_all_wrong_joints_are_found_and_have_a_kind(request, kind):
    net = request.getfixturevalue(f"{kind}_net")
    found = failures.find_failures(net, 6, 0.05, print)
    assert found.errors_px.shape == found.kinds.shape == (6, 7)
    wrong = found.errors_px > 0.05 * 64
    np.testing.assert_array_equal(found.kinds > error_kinds.RIGHT, wrong)
    assert wrong.any()
    table, *galleries = failures.failure_sections(net, found, 0.05)
    assert f"{wrong.sum()} of 42 labelled joints in 6 frames are more than 5 %" in table.text
    assert table.table.count("<tr>") == 5  # head and 4 groups of joints
    kinds = {error_kinds.WRONG[k] for k in np.unique(found.kinds) if k > error_kinds.RIGHT}
    assert {section.heading.removeprefix("Failures: ") for section in galleries} == kinds
    if kind == "coordinate":
        assert not {error_kinds.MODE, error_kinds.FLOW} & set(found.kinds.ravel().tolist())


def test_the_worst_come_first_and_few_from_one_clip(heatmap_net):
    kinds = np.full((8, 7), error_kinds.OTHER)
    errors = np.arange(56.0).reshape(8, 7)
    found = failures.Failures(tuple(range(8)), errors, kinds)
    # Frames 0 to 3 are of the first clip, 4 to 7 of the second.
    chosen = failures.choose_worst(heatmap_net, found, error_kinds.OTHER)
    assert chosen == [(7, 6), (7, 5), (3, 6), (3, 5)]
    assert failures.choose_worst(heatmap_net, found, error_kinds.SWAP) == []


def test_names_in_the_table_are_escaped():
    counts = {"<b>": dict.fromkeys((error_kinds.RIGHT, *error_kinds.WRONG), 0)}
    assert "<b>" not in failures.format_table(counts).replace("<body", "")
    assert "&lt;b&gt;" in failures.format_table(counts)
