"""What is shared of a finished run: its student and its silver, each in a folder for the hub with a card that the run wrote.

licences  whose terms apply
tables    scores, silver, audit and data as Markdown
model     the card of the student
silver    synthetic pairs as Parquet, with what the filter made of them
dataset   the card of the silver
sharing   both folders to the hub
"""
