"""What this machine has."""

import os

from keras_pose.inspection.machine import Machine, look_around


def test_this_machine_has_cores_and_memory():
    machine = look_around()
    assert 1 <= machine.cores <= os.cpu_count()
    assert 1e8 < machine.memory_bytes < 1e14


def test_it_is_told_in_a_few_words():
    assert Machine(1, 8 * 10**9).describe() == "1 core, 8 GB of memory, no GPU"
    assert Machine(16, 128 * 10**9, ("H100",)).describe() == "16 cores, 128 GB of memory, H100"
