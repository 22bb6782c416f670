"""A task for people, apart from the method, which runs without it: a protocol, and one file for each kind of task."""
