"""Helpers of `flowing_memory`: the memory of a training step, computed from shapes and measured in a process."""
