"""What DVC's own comparisons have not: the answers that flipped between two runs (`answers`), and the outputs of the workspace held
against a committed run's by hash and number (`reference`)."""
