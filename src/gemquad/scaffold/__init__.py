"""What a new language or task begins with: its settings, and files to fill in (`gemquad init`)."""
