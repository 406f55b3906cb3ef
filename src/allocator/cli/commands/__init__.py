"""One file a command; each defines `command`, a click command, and is imported only when it runs.

Lives here: options and arguments, one call, what is shown. The folder is the list of commands: a file is enough.
Not here: help texts. They are words: `commands.<name>.short`, `.help` and `.option.<parameter>`.

A command gets the language by `@click.pass_obj` and returns an `Exit`, or nothing where all is done.
"""
