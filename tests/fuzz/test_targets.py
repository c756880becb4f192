"""A few cases of each target. What is shown here is the harness; `make fuzz` looks for faults of the readers."""

from __future__ import annotations

import pytest

from tests.fuzz import rounds
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_every_input_is_read_or_refused(name, tmp_path):
    messages = []
    rounds.Round(TARGETS[name], str(tmp_path), set(), messages.append).run(seed=0, number=0, cases=60)
    assert [message["text"] for message in messages if message["event"] == "fault"] == []
    done = [message["how"] for message in messages if message["event"] == "done"]
    assert len(done) >= 50
    # Inputs that are all refused would say little about what is read.
    assert "read" in done
    assert "refused" in done
