"""What the settings need of this machine, how long a run takes on it, and what to change (`gemquad doctor`)."""
