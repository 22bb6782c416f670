"""The generator: prompts in, completions out; it is never fine-tuned.

prompts.py     exemplars and a passage, with settings drawn per prompt
pairs.py       requests, parsing, outcomes, near-duplicates, choice among candidates
engine.py      completes requests: what the store has is not generated again; caps
store.py       completions kept by content
backend.py     what every backend answers to, and what it promises
backends/      transformers in process, OpenAI-compatible servers, vLLM, Ray, a script
decoder/       one batch through a model in this process
grammar.py     the answer constraint for backends that take a grammar
accounting.py  tokens, seconds, money, yield
estimate.py    a forecast of those, before anything is spent
"""
