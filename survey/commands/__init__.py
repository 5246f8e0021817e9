"""The commands of ``python -m survey``, one module each: ``describe`` adds its arguments, ``run`` does it."""
