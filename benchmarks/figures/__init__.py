"""The figures that commands draw: `<command>_figure.py` draws the figure of `benchmarks.<command>`."""
