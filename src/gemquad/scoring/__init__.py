"""How answers are scored, how sure a score or a difference is, and what a run may claim.

Metrics are statistics of weighted items (metrics); F1 and exact match of an answer are MLQA's (qa). Beside scores: intervals
(bootstrap), systems and their differences (intervals), and how varied generated texts are (diversity).
"""
