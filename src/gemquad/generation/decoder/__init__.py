"""Requests through a model in this process, many at once.

decoding.py    sequences in slots, a step for all of them; who ends makes room for who waits
attention.py   packed tokens of many sequences, each with its own keys and values
slots.py       the state of every slot as tensors
step.py        the next token of every slot: fields, draws, constraint, endings
head.py        logits of all words, or of a few
vocabulary.py  tokens that end a field
sampling.py    a draw: temperature, top-k, top-p, seed
constraint.py  which tokens keep an answer a substring of its passage
transcript.py  from tokens back to texts and spans
batching.py    which requests stand together and share a prefix
likelihood.py  log-likelihood of given text
"""
