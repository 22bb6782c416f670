"""MLflow, and nothing else imports it: one parent run per pipeline state, one child per round (the baseline is round 0).

Stages are separate processes, so runs are found by their tags. live.py follows a training, rounds.py logs a round once scored,
register.py completes the run; what was interrupted is completed by the next call, and what is complete stays as it is.
"""
