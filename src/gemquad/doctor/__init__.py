"""What this machine has, what the parameters need of it, and what to change (`gemquad doctor`).

`finding` is one line of the answer; `hardware` and `software` say what is there; `model` and `needs` what a run takes; `speed` is
measured, and `forecast` makes times of it; `access` says whether data, hub and servers can be reached; `checks` puts them together.
"""
