"""What `benchmarks.claims` is made of: data, nets, the experiment of each claim, and the one rule of verdicts."""
