"""The names of the poolings, as `--pooling` takes them. Loads no TensorFlow; `kinds` holds what they do."""

# Name: what it does, for the help of --pooling.
POOLINGS = {
    "parametric": "a learned weight per frame and joint",
    "data_dependent": "these weights also depend on how certain each frame is and how well its flow fits",
    "chain": "each frame tells the next one where the joint can be, through a learned kernel of its motion (belief "
    "propagation)",
    "chain_readout": "a chain that trusts single frames less, read where most of its probability lies, moved by a "
    "learned offset per joint",
    "track": "a robust trajectory through the peaks of all frames, with learned weights",
    "median": "the middle position of three frames, for comparison",
    "sum": "the mean, for comparison",
    "max": "the largest value of each pixel, for comparison",
    "none": "the current frame alone, for comparison",
}
