"""`python -m keras_pose`: the same as the command `keras-pose`."""

import sys

from keras_pose.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
