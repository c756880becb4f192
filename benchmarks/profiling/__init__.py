"""What `benchmarks.profile` times: the parts of training, predicting and serving."""
