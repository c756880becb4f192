"""What labels contain, and which flags to train with on this machine."""
