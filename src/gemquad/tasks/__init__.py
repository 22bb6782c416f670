"""What a task is. Engine, rounds, stopping, tracking and report know no task: they use these protocols.

base.py       the protocol of a task: its definition, and the parts below
prompter.py   the protocol of its prompts; requests.py, what they ask of a backend; draws.py, what is drawn for each
head.py       the protocol of the student's head; columns.py, rows that people ask it about; answers.py
settings.py   the `task` section of params.yaml
loading.py    from params.yaml to the task: the one place that chooses by its kind

extractive_qa/  questions about passages, answered by a piece of them
labelled/       texts or pairs of texts with a class or a number

The protocol of a task's files stands where they are read, in `sources/format.py`. A new task of one of these kinds is a file in
`conf/task/`; a new kind is a folder here, and a file in `views/`.
"""
