"""The command line: parse, call one function of the API, show, exit.

Lives here: main.py (the group, what happens when a command fails) and commands/, one file a command.
Not here: anything that decides, counts or reads files.
"""
