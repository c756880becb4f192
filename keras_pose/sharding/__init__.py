"""Writes a source of data as shards: TFRecords of encoded frames and their labels, which training reads again."""
