"""Claims and the commands that check them: `python -m benchmarks.<name> [--quick] [--json=<file>]`."""

from keras_pose import console

console.quieten()
