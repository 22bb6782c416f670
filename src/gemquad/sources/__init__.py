"""Where data comes from: files of questions and of labelled texts, the hub, and the gate that keeps roles apart."""
