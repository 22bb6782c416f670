"""What a person reads at the end: one self-contained page, a table for the terminal, rows for plots."""
