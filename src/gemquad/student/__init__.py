"""The small model being trained; what it computes is decided by the head of its task (`tasks/head.py`).

model.py       load a checkpoint with the task's head, choose what to train
gemma.py       Gemma 3 with heads
frozen.py      the frozen layers, computed once for each text, kept by features.py
training.py    sequential fine-tuning
trainer.py     transformers' Trainer, with rows by batches.py and resumed from checkpoints.py
captured.py    a step on a GPU as one CUDA graph
processes.py   one training on several GPUs
description.py what a saved student says of itself
inference.py   the most confident answers to every example
value.py       what pairs are worth to a student, by their effect on half of dev
evaluation.py  a saved student answers dev and test, and labels synthetic pairs
labelers.py    several weak labelers, each trained on a part of the data
crossfit.py    the weak labelers of round 1 where there is no gold
"""
