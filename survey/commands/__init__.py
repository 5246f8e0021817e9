"""The commands of ``python -m survey``, one module each: ``describe`` adds its arguments, ``run`` does it."""


class Alarm(list[str]):
    """Lines that tell of something to be looked at: the command was done, and ends with 1."""
