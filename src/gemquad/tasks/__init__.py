"""What a task is. Engine, rounds, stopping, tracking and report know none: they are written against these protocols.

kinds/    what an example is, when two answers agree, how answers are scored
formats/  the files that examples come in
prompts/  what the generator is asked, and how its completions are read
heads/    what the student computes, and how its output becomes an answer

A new task of one of these kinds is a file in `conf/task/`; a new kind is one module in each of the four.
"""
