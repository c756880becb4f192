"""Clips to score and to fit on: never of one group at once."""

import numpy as np
import pytest

from benchmarks.pooling import temporal_data
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.skeleton import Skeleton


def test_folds_never_cut_a_group():
    groups = ["a", "a", "b", "c", "b", "d"]
    folds = temporal_data.make_folds(groups, 2)
    assert folds.tolist() == [0, 0, 1, 0, 1, 1]
    with pytest.raises(ValueError, match="--folds: expected 2 to 4, the number of groups, received 5"):
        temporal_data.make_folds(groups, 5)


def test_clips_with_the_joints_that_are_labelled_and_every_second_label():
    net = Skeleton("net", ("tail", *SKELETON.joints[:3]))
    data = temporal_data.open_data("signers:test:3", net, every=2)
    assert data.joints == [1, 2, 3]
    assert data.skeleton.joints == SKELETON.joints[:3]
    assert data.skeleton.flip_pairs
    assert [clip.labelled.tolist() for clip in data.scored] == [list(range(0, 16, 2))] * 3
    assert data.fitted == []
    clip = data.scored[1]
    np.testing.assert_allclose(data.points[clip.name][clip.labelled], clip.joints)


def test_groups_that_are_scored_are_not_fitted_on(tmp_path):
    names = [f"signers-test-0000{i}" for i in range(4)]
    (tmp_path / "scored.txt").write_text(names[0])
    (tmp_path / "fitted.txt").write_text("\n".join(names))
    files = [str(tmp_path / name) for name in ("scored.txt", "fitted.txt")]
    data = temporal_data.open_data("signers:test:4", SKELETON, *files, most_fitted=2)
    assert [clip.name for clip in data.scored] == names[:1]
    assert [clip.name for clip in data.fitted] == names[1:3]
