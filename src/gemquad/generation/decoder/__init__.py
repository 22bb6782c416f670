"""One batch of requests through a model in this process.

decoding.py    every row with its own plan, settings and seed; rows that finish leave
batching.py    which rows share a batch and a prefix
cache.py       keys and values without a copy per step
sampling.py    one row's draw: temperature, top-k, top-p, seed
constraint.py  which tokens keep an answer a substring of its passage
likelihood.py  log-likelihood of given text
"""
