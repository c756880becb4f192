"""How to install extras."""

import re

import pytest

from keras_pose import extras
from tests import conftest


@pytest.mark.parametrize("extra", ["formats", "onnx", "cluster"])
def test_the_commands_name_a_file_and_an_extra_that_are_there(extra):
    said = extras.how_to_install(extra)
    path = re.search(r"-r (\S+\.txt)`", said)[1]
    assert (conftest.ROOT / path).is_file()
    assert f"'keras_pose[{extra}]'" in said
    project = (conftest.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(rf"^{extra} = ", project, re.MULTILINE)
