"""Nets of all kinds that are shown, built once."""

import pytest

from tests.helpers import shown_runs


@pytest.fixture(scope="session")
def heatmap_run(tmp_path_factory):
    """Folder of a run of --model=heatmap with snapshots."""
    return shown_runs.write_shown_run(tmp_path_factory.mktemp("shown") / "heatmap")


@pytest.fixture(scope="session")
def flowing_run(tmp_path_factory):
    """Folder of a run of --model=flowing with snapshots."""
    return shown_runs.write_shown_run(
        tmp_path_factory.mktemp("shown") / "flowing", model="flowing", window=1, frame_stride=1
    )


@pytest.fixture(scope="session")
def coordinate_run(tmp_path_factory):
    """Folder of a run of --model=coordinate without snapshots."""
    return shown_runs.write_shown_run(tmp_path_factory.mktemp("shown") / "coordinate", (), model="coordinate")


@pytest.fixture(scope="session")
def heatmap_net(heatmap_run):
    return shown_runs.open_shown_net(heatmap_run)


@pytest.fixture(scope="session")
def flowing_net(flowing_run):
    return shown_runs.open_shown_net(flowing_run)


@pytest.fixture(scope="session")
def coordinate_net(coordinate_run):
    return shown_runs.open_shown_net(coordinate_run)
