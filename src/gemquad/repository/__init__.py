"""What Git and DVC hold of a run: where the checkout is, its locks, the files that a kill leaves cut, whose results lie there."""
