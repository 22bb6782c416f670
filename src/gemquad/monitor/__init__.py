"""One view of a running pipeline: its stages, the job that runs, the scores of the rounds so far.

DVC runs as a child. What it prints says which stage runs; a folder that `gemquad.progress` writes to says how far that stage is;
`metrics/rounds/` says what the rounds scored. Nothing here is imported by a stage, and nothing here imports DVC.

    plan     the stages of dvc.yaml, every item of a `foreach` its own
    lines    what a line that DVC prints says of a stage
    run      the run so far: states and times of the stages, the last decision of the loop
    jobs     how far the jobs inside the running stage are
    rows     the stages in a compact form, a row for each round
    view     the run on a terminal
    summary  times, scores and the summary as plain text
    child    the command: its output, its signals, its end
    log      all that the command printed, kept by stage
    watch    all of it together
"""
