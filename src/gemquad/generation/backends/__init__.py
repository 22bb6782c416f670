"""Where completions come from, one file per backend."""
