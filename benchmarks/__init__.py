"""Claims and the commands that check them: `python -m benchmarks.<name> [--quick] [--json=<file>]`."""

from keras_pose import console

console.hide_startup_messages()
