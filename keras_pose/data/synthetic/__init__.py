"""Synthetic signers: clips of a signing person whose joints, visibility and optical flow are known exactly."""
