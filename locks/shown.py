"""Of pip's hundreds of lines, those of files over 10 MB, each as soon as it comes, so that a slow network is seen to work."""

import re
import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
for line in iter(sys.stdin.buffer.readline, b""):
    if found := re.search(rb"Downloading (?:\S*/)?(\S+ \((?:\d\d+(?:\.\d+)? MB|[\d.]+ GB)\))", line):
        print(f"    Downloading {found[1].decode(errors='replace')}", flush=True)
