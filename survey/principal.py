"""Who is asking for data, and what may they see?

Every function that gives out data takes a ``Principal``. Until accounts exist there are two: a citizen, who may only
answer, and the one local principal behind the staff code.
"""

from dataclasses import dataclass
from enum import StrEnum

from survey.problem import Problem


class Permission(StrEnum):
    """What a person may do."""

    READ_RESULTS = "read_results"
    EXPORT_DATA = "export_data"
    MANAGE_SURVEYS = "manage_surveys"
    KEY_FORMS = "key_forms"
    BACK_UP = "back_up"


class Forbidden(Problem):
    """The principal may not do this."""

    def __init__(self, permission: Permission) -> None:
        super().__init__("forbidden", permission=permission.value)


@dataclass(frozen=True)
class Principal:
    """A person or program with permissions. ``units`` limits what it sees; None is every unit."""

    name: str
    permissions: frozenset[Permission]
    units: frozenset[int] | None = None

    def require(self, permission: Permission) -> None:
        """Raise ``Forbidden`` unless this principal has the permission."""
        if permission not in self.permissions:
            raise Forbidden(permission)


CITIZEN = Principal("citizen", frozenset())
LOCAL_STAFF = Principal("local-staff", frozenset(Permission))
