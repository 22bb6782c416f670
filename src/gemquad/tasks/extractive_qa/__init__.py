"""Extractive question answering: a question about a passage, answered by a piece of it (SQuAD).

definition.py  examples, agreement, scores; corruption.py, how answers are made wrong for the audit
format.py      SQuAD files
prompt.py      prompts about passages; prompting.py, their settings
head.py        where the answer begins and ends; windows.py, passages that do not fit the model
"""
