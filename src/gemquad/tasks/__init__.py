"""What a task must answer; everything else is written against `base.Task`. Extractive question answering comes first."""
