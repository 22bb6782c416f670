"""What differs between two finished runs: settings, data, scores, single answers (`gemquad diff`).

`run` reads a run out of Git, `cache` the files that DVC keeps for it, `answered` compares answers on the same examples,
`difference` puts it together and `markdown` shows it. `reference` holds the outputs of two runs together by hash and number.
"""
