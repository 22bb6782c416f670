"""Where data comes from: SQuAD-format files (the bundled sample among them), the hub, and the gate that keeps roles apart."""
