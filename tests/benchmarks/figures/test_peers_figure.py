"""The plot of accuracy against time."""

import numpy as np
import pytest

from benchmarks.figures import peers_figure
from benchmarks.figures.peers_figure import Entry

ENTRIES = [
    Entry("slow and good", 30.0, 3.0, 2.0, 4.0),
    Entry("fast", 5.0, 4.0, 3.0, 5.0, ours=True),
    Entry("beaten", 20.0, 4.5, 4.0, 5.0),
    Entry("slower than fast, no better", 6.0, 4.0, 3.0, 5.0),
]


def test_the_frontier_holds_whom_no_other_beats():
    assert [e.name for e in peers_figure.find_frontier(ENTRIES)] == ["fast", "slow and good"]


def test_the_plot_shows_every_net():
    whole = peers_figure.draw(ENTRIES, "title")
    fewer = peers_figure.draw(ENTRIES[:3], "title")
    assert whole.shape == fewer.shape == (552, 1104, 3)
    assert (whole != fewer).any()
    with pytest.raises(ValueError, match="at least one net"):
        peers_figure.draw([], "title")


def test_wide_errors_and_a_net_that_learnt_nothing_change_the_picture():
    far = Entry("far", 40.0, 90.0, 80.0, 99.0)
    plain = peers_figure.draw([*ENTRIES, far], "title")
    marked = peers_figure.draw([*ENTRIES, far], "title", learnt_nothing=20.0)
    # The line crosses the plot, so a row of it has another colour from end to end.
    changed = (plain != marked).any(-1)
    assert changed.sum(axis=1).max() > 300
    # On an axis from zero, errors of 3 and 4 px of 99 would be 3 rows apart; on a logarithmic one they are far apart.
    ours = Entry("ours", 5.0, 4.0, 4.0, 4.0, ours=True)
    lower = peers_figure.draw([ours, far], "title")
    higher = peers_figure.draw([Entry("ours", 5.0, 8.0, 8.0, 8.0, ours=True), far], "title")
    rows = np.flatnonzero((lower != higher).any(-1)[:, :650].any(1))
    assert rows.max() - rows.min() > 60
