"""Where data comes from: SQuAD-format files (the bundled sample among them), and the gate that keeps roles apart.

Hub data sets will stand here as one more module that yields the same records.
"""
