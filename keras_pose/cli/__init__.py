"""The command line: `keras-pose` and its commands, flags made from configurations, and the doctor."""

from keras_pose import ending

ending.hide_traceback_of_interrupts()  # also while the modules of a command are imported
