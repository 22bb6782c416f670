"""The user's own files before anything runs: every fault at once, and what the settings make of the data (`gemquad check`)."""
