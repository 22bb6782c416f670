"""The small model being trained: an extractive reader.

model.py      load a checkpoint, give Gemma 3 its span head, choose what to train
features.py   question and passage → windows of tokens, and back
training.py   sequential fine-tuning with transformers' Trainer
inference.py  the best answer span over a passage's windows
"""
