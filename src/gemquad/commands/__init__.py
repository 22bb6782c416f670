"""The commands of `gemquad`: functions whose parameters typer reads; `cli` puts them together.

A docstring is the command's own help, examples included; its first line stands in `gemquad --help`. A command imports what is heavy
where it works, so that help is instant.
"""
