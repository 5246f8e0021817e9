"""What is a response that did not come from a device, and how do we know it again?

Its id is made from what it says, not at random, so that the same row or the same paper form counts once however often
it is brought. It is a UUID of version 5 in ``NAMESPACE``, over these lines joined by line feeds::

    survey
    day (2019-03-04)
    unit, or nothing
    service, or nothing
    number in the file, or nothing
    batch, or nothing
    P_fee=4;P_time=3;sex=1          every code as stored, by name in the order of bytes
    1                               the first, second, third ... row of the file that says the same

A paper form has its number instead: ``survey``, ``form``, number.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha1
from uuid import UUID, uuid5

from survey.response import Response

NAMESPACE = UUID("6d1c0f5e-5f0a-5c8e-9b7e-6a5b1d1f9a3c")
"""It never changes: files that were brought once would count twice."""


@dataclass(frozen=True)
class Arrived:
    """A response from elsewhere, with the day it counts for and the unit it belongs to (None: the service's).

    ``comment`` is the text of which the response keeps the digest.
    """

    response: Response
    day: date
    unit: int | None = None
    comment: str | None = None


def identity_of_row(said: str, occurrence: int) -> UUID:
    """The id of a row that says this for the ``occurrence``-th time in its file."""
    name = f"{said}\n{occurrence}".encode()
    return UUID(bytes=sha1(NAMESPACE.bytes + name, usedforsecurity=False).digest()[:16], version=5)


def identity_of_form(survey: str, number: int) -> UUID:
    """The id of the paper form with this number."""
    return uuid5(NAMESPACE, f"{survey}\nform\n{number}")
