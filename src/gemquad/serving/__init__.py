"""The student away from the pipeline that trained it; no stage imports this room.

predictor.py  answers to rows of texts, from a student's folder alone
rows.py       rows to ask about, from files and from standard input
pipeline.py   transformers' question-answering pipeline
onnx.py       encoder students as ONNX models, and how far these agree
"""
