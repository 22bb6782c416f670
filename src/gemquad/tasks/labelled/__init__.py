"""Texts, or pairs of texts, with a label: a class (classification) or a number (similarity).

definition.py  what both have in common; classification.py, similarity.py
format.py      tables and JSON; labels.py, what their label column holds
prompt.py      prompts for a text of a given label
head.py        how texts are read; class_head.py, value_head.py
"""
