"""Damaged and unusual input for every reader of files: each is read completely, or refused with a message.

A target makes an input from valid seeds, changes it at random, has it read and checks what came of it. `targets/` holds
the targets, `changes/` what can be done to bytes, tables and trees, `oracle.py` and `accounting.py` the checks.
`python -m tests.fuzz` runs one target for a given time: `supervisor.py` starts `rounds.py` in a process of its own, so
that crashes and endless loops of native code are caught, too. `test_targets.py` runs a few cases of each target.
"""
