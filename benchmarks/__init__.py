"""Claims and the commands that check them: `python -m benchmarks.<name> [--quick] [--json=<file>]`.

Each module of this folder is a command; `docs/results.md` lists them with their results. The folders hold what the
commands are made of: `common` is shared by several commands, every other folder belongs to one or two of them.
"""

from keras_pose import console

console.hide_startup_messages()
