"""A command of this project: flags of one configuration in, one piece of work done."""

import os
import sys

from absl import app
from absl import flags as absl_flags

from keras_pose.cli import console, flags

absl_flags.disclaim_key_flags()  # a flag belongs to the script that is run, whose --help lists it


def run(config_class, work, interrupted="interrupted"):
    """Reads the flags, does the work and ends the program.

    Args:
      config_class: dataclass of `options.option` fields.
      work: function of one configuration. It imports what loads TensorFlow, which takes seconds: flags are checked
        before.
      interrupted: str, what to say after Ctrl-C.
    """
    program = os.path.basename(sys.argv[0])
    console.quieten()
    flags.define(config_class)

    def main(arguments):
        if len(arguments) > 1:
            sys.exit(f"{program}: expected flags only, received {arguments[1:]}")
        with console.plain_errors(program, interrupted):
            work(flags.read(config_class))

    app.run(main)
