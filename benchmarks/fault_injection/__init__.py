"""Faults for `benchmarks.faults`: signals at random moments, full disks, damaged files."""
