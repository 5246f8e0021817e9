"""Who is asking for data, and what may they see?

Every function that gives out data or changes something takes a ``Principal`` and asks it; screens merely follow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from survey.problem import Problem


class Permission(StrEnum):
    """What a person may do."""

    READ_RESULTS = "read_results"
    EXPORT_DATA = "export_data"
    READ_RELEASES = "read_releases"
    KEY_FORMS = "key_forms"
    RUN_STATIONS = "run_stations"
    MANAGE_SURVEYS = "manage_surveys"
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_AUDIT = "read_audit"
    DELETE_RESPONSES = "delete_responses"
    BACK_UP = "back_up"


class Role(StrEnum):
    """What a person of the staff is."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    RESEARCHER = "researcher"
    OPERATOR = "operator"


MAY: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: frozenset(Permission),
        Role.MANAGER: frozenset({Permission.READ_RESULTS, Permission.EXPORT_DATA}),
        Role.RESEARCHER: frozenset({Permission.READ_RELEASES}),
        Role.OPERATOR: frozenset({Permission.RUN_STATIONS, Permission.KEY_FORMS}),
    }
)
"""What each role may do."""


class Forbidden(Problem):
    """The principal may not do this."""

    def __init__(self, permission: Permission) -> None:
        super().__init__("forbidden")
        self.permission = permission


@dataclass(frozen=True)
class Principal:
    """A person or program with permissions. ``units`` limits what it sees; None is every unit.

    ``name`` is written into the audit. ``role`` is None for a program.
    """

    name: str
    permissions: frozenset[Permission]
    units: frozenset[int] | None = None
    role: Role | None = None

    def require(self, permission: Permission) -> None:
        """Raise ``Forbidden`` unless this principal has the permission."""
        if permission not in self.permissions:
            raise Forbidden(permission)

    @property
    def view(self) -> str:
        """A name for what this principal sees: two with the same one may share what was counted, others never."""
        units = "all" if self.units is None else ",".join(map(str, sorted(self.units)))
        return f"{' '.join(sorted(self.permissions))} {units}"

    def may(self, permission: Permission) -> bool:
        """Whether this principal has the permission."""
        return permission in self.permissions


CITIZEN = Principal("citizen", frozenset())
LOCAL_STAFF = Principal("local-staff", frozenset(Permission))
"""Whoever works on the computer itself, by a command."""
