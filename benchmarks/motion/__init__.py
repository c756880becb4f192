"""Motion of filmed people and of signers: how joints move, how well flow follows them, and how long errors last."""
