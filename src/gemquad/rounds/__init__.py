"""The loop: agreement with the weak labeler makes silver, the stop rule ends it, the dev score picks the best round.

Beside it: what the filter keeps of pairs whose truth is known (audit, corruption), and other ways to train on the same data
(comparisons).
"""
