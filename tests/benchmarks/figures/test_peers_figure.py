"""The plot of accuracy against time."""

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
