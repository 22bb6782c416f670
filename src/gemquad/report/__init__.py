"""What a person reads at the end: tables from metrics files."""
