"""How wrists move, and how long a net's errors last: on filmed people and on synthetic signers."""
