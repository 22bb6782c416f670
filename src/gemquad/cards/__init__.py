"""What is shared of a finished run: its student and its silver, each in a folder for the hub with a card that the run wrote.

licences  whose terms apply
selected  the student that is shared, and what it was trained on
tables    scores, silver, audit and data as Markdown
limits    what a run does not show
model     the card of the student
silver    synthetic pairs as Parquet, with what the filter made of them
dataset   the card of the silver
sharing   both folders to the hub
"""
