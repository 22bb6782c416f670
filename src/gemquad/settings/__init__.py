"""Settings as people write them: overrides, what they compose to, what is wrong with them; their types are `gemquad.params`."""
