"""The generator: prompts in, completions out; it is never fine-tuned.

engine.py      batches, parsing, outcomes, choice among candidates
decoding.py    one batch through the model, every row with its own plan, settings and seed
sampling.py    one row's draw: temperature, top-k, top-p, seed
constraint.py  which tokens keep an answer a substring of its passage
cache.py       keys and values without a copy per step
likelihood.py  log-likelihood of given text under the generator
"""
