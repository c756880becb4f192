"""Odd images: what train.py and keras-pose inspect say about them."""

import pytest

from tests.odd_inputs import trying
from tests.odd_inputs.images import KINDS


@pytest.mark.parametrize("kind", KINDS.all, ids=KINDS.names())
def test_it_is_used_noted_or_refused_as_stated(kind, tmp_path):
    trying.check(kind, tmp_path)
