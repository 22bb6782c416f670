"""The loop: agreement with the weak labeler makes silver, the stop rule ends it, the dev score picks the best round.

Before it: which pairs go before the labeler (candidates), and what it answered (labels). Beside it: what the filter keeps of pairs
whose truth is known (audit), and other ways to train on the same data (comparisons).
"""
