"""What the benchmark of suggested frames needs: pools of frames to label, a small net, curves of error by labels."""
