"""Odd labels: what train.py and keras-pose inspect say about them."""

import sys

import pytest

from tests.helpers import tiny
from tests.odd_inputs import trying
from tests.odd_inputs.labels import KINDS


@pytest.mark.parametrize("kind", KINDS.all, ids=KINDS.names())
def test_it_is_used_noted_or_refused_as_stated(kind, tmp_path):
    trying.check(kind, tmp_path)


def test_inspect_shows_names_that_the_terminal_cannot(tmp_path):
    kind = next(kind for kind in KINDS.all if kind.name == "dlc_odd_names")
    command = [sys.executable, "-m", "keras_pose", "inspect", str(kind.write(tmp_path)), "--measure=false"]
    status, output = tiny.run([*command, f"--out_dir={tmp_path / 'out'}"], PYTHONIOENCODING="ascii")
    assert status == 0, output
    assert r"gr\xf6\xdfe: 4 labelled frames of 2 clips" in output
