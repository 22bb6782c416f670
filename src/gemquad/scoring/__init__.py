"""How answers are scored (qa), how sure a score or a difference is (bootstrap), and what a run may claim (evidence)."""
