"""What several commands share: arguments and report, rows, fair timing, trainings, and the timing of training steps."""
