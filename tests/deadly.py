"""A task that takes its worker along; in a module of its own, so that it is sent by name."""

import os


def deadly(number: int) -> int:
    if number == 3:
        os._exit(1)
    return number * number
