"""Training: losses, metrics, phases, checkpoints, and one run from its flags to its evaluation."""
