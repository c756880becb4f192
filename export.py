"""Exports a trained run for a server: `python export.py --run_dir=runs/quickstart`."""

import sys

from absl import app
from absl import flags as absl_flags

from keras_pose import console, flags
from keras_pose.config import ExportConfig

console.quieten()
flags.define(ExportConfig)
absl_flags.adopt_module_key_flags(flags)  # so that --help lists them


def main(arguments):
    if len(arguments) > 1:
        sys.exit(f"export.py: expected flags only, received {arguments[1:]}")
    with console.plain_errors("export.py"):
        config = flags.read(ExportConfig)
        from keras_pose.exporting import exporter  # TensorFlow takes seconds to load: flags are checked before

        exporter.export(config)


if __name__ == "__main__":
    app.run(main)
