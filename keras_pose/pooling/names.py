"""The names of the poolings, as `--pooling` takes them. Loads no TensorFlow; `kinds` holds what they do."""

POOLINGS = ("parametric", "data_dependent", "sum", "max", "none")
