"""MLflow, and nothing else imports it: one parent run per pipeline state, one child per round (the baseline is round 0).

state.py     what identifies a pipeline state: parameters, and the hashes DVC has of what the rounds start from
store.py     the store that all experiments of a checkout share, for one process at a time
runs.py      the parent of a state and the child of a round: found, adopted or made, never twice
live.py      a training while it runs: its loss, and what it takes of the machine
rounds.py    everything that is logged of one round
model.py     the student as an MLflow model that carries the code it needs; served.py is what MLflow runs of it
register.py  at the end: the page on the parent, intervals and samples (samples.py) on the rounds, the best student in the registry;
             traces.py shows what the generator was asked and wrote
values.py    parameters, metrics and data sets within MLflow's limits

Stages are separate processes, so runs are found by their tags. Logging is idempotent: whatever was interrupted is completed by the
next call, and what is complete stays as it is.
"""
