"""Random changes of bytes, tables and trees. Each takes a `random.Random` and notes in a list what it did."""
