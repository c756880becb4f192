"""One teacher for all tests of annotating."""

import pytest

from tests.helpers import teachers


@pytest.fixture(scope="session")
def movenet_folder(tmp_path_factory):
    """Folder of a SavedModel with MoveNet's signature that finds a red spot."""
    return teachers.write_movenet(tmp_path_factory.mktemp("teacher") / "movenet")
