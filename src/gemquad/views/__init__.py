"""A task for people, apart from the method, which runs without it.

task_view.py  the protocol
loading.py    the one place that chooses by the kind; beside it one file for each kind
"""
