"""One module a command: `add` declares its arguments, `run` makes the library call. Heavy imports stay inside `run`."""
