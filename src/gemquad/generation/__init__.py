"""The generator: prompts in, completions out; it is never fine-tuned, unless `tuning.epochs` says so.

pairs.py             requests, outcomes, near-duplicates, likelihoods of answers
chat.py              prompts as the turns of a conversation
prompted_answers.py  the generator itself solves the task
tuning.py            the generator learns from gold and accepted pairs turned round, where it shall
accepted.py          those pairs: the silver of an earlier run
engine.py            completes requests: what the store has is not generated again; caps
store.py             completions kept by content
backends/            their protocol and registry; transformers in process, OpenAI-compatible servers (server, connection, answers,
                     batched), vLLM, Ray, a script
decoder/             one batch through a model in this process
grammar.py           the answer constraint for backends that take a grammar
accounting.py        tokens, seconds, money, yield
estimate.py          a forecast of those, before anything is spent
"""
