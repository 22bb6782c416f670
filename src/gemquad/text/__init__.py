"""Texts and their languages: characters, scripts, offsets that count code points of the raw text."""
