"""All pictures of a run of each kind, in its page."""

import re

import pytest

from keras_pose.evaluation import chosen_clips
from keras_pose.showing import showing
from keras_pose.showing.config import ShowConfig


@pytest.mark.parametrize(
    ("kind", "expected", "missing"),
    [
        ("heatmap", {"time_lapse.mp4", "activations.jpg", "modes.jpg", "mode_history.jpg"}, {"pooling_types.jpg"}),
        ("flowing", {"time_lapse.jpg", "pooling_weights.jpg", "pooling_types.jpg"}, set()),
        ("coordinate", {"activations.jpg"}, {"time_lapse.jpg", "modes.jpg", "pooling_types.jpg"}),
    ],
)
def test_a_run_is_shown(request, tmp_path, kind, expected, missing):
    config = ShowConfig(request.getfixturevalue(f"{kind}_run"), frames=2, error_frames=4, eval_dir=str(tmp_path))
    lines = []
    chosen = chosen_clips.choose(config.as_evaluation(), lines.append)
    path = showing.show(chosen, config, lines.append)
    found = {p.name for p in (tmp_path / "show").iterdir()}
    assert expected <= found
    assert not missing & found
    text = (tmp_path / "index.html").read_text()
    assert all(alt.strip() for alt in re.findall(r'alt="([^"]*)"', text))
    assert text.count("<h2>") == int(re.search(r"(\d+) parts in", lines[-1])[1])
    assert path in lines[-1]
    assert any("--snapshots" in line for line in lines) == (kind == "coordinate")
