"""Data: sources, clips and labels, splits, and the batches of windows that training and evaluation read."""
