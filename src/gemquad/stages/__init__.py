"""One file per stage of dvc.yaml, in one verb: parse the paths, load the parameters, call the method, write."""
