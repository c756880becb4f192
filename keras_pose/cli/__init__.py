"""The command line: `keras-pose` and its commands, flags made from configurations, and the doctor."""
