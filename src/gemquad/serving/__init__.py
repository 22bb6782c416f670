"""The student away from the pipeline that trained it; no stage imports this room.

`predictor` answers `rows`; `pipeline` does so as transformers', `onnx` exports encoders.
"""
