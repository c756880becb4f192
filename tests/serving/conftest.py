"""The servers that the contract holds for; each is started once."""

import pytest

from tests.helpers import serving_servers


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """Folder with version 1 of an untrained net."""
    pytest.importorskip("tensorflow")
    from tests.helpers import serving_export

    base_path = tmp_path_factory.mktemp("exports") / "pose"
    serving_export.copy_pose_export(tmp_path_factory, base_path / "1")
    return base_path


@pytest.fixture(scope="session", params=serving_servers.KINDS)
def server(request):
    """A running server with the export, and the label stable for its version 1."""
    base_path = None if request.param == "TF_SERVING_URL" else request.getfixturevalue("exported")
    with serving_servers.open_server(request.param, base_path, {"stable": 1}) as it:
        yield it
