"""How are accounts made and opened again from a terminal, also when the only administrator forgot the password?"""

import argparse
from datetime import UTC, datetime

from survey.principal import LOCAL_STAFF, Role
from survey.settings import Settings
from survey.store import Store, open_store
from survey.store.people.accounts import (
    Account,
    Wanted,
    disable_account,
    list_accounts,
    make_account,
    make_reset_code,
    units_named,
)
from survey.words import LANGUAGES, Words


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """The arguments of the command."""
    doing = command.add_subparsers(dest="doing", required=True, metavar="DO")
    add = doing.add_parser("add", help=words("command.account.add"))
    add.add_argument("name", metavar="NAME", help=words("command.account.name"))
    add.add_argument("label", metavar="PERSON", help=words("command.account.person"))
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.ADMINISTRATOR.value)
    add.add_argument("--unit", metavar="UNIT", action="append", help=words("command.account.unit"))
    doing.add_parser("list", help=words("command.account.list"))
    for name in ("reset", "disable", "enable"):
        one = doing.add_parser(name, help=words(f"command.account.{name}"))
        one.add_argument("name", metavar="NAME", help=words("command.account.name"))
    for one in doing.choices.values():  # may be said at the end here, too
        one.add_argument("--language", choices=LANGUAGES, default=argparse.SUPPRESS, help=words("command.language"))


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """Do it; the lines that say what holds now. A one-time code is shown here and nowhere else."""
    store = open_store(settings)
    try:
        return _done(store, given, words, datetime.now(UTC))
    finally:
        store.close()


def _done(store: Store, given: argparse.Namespace, words: Words, now: datetime) -> list[str]:
    if given.doing == "list":
        known = list_accounts(store, LOCAL_STAFF)
        return [_line(one, words) for one in known] or [words("command.account.none")]
    if given.doing == "add":
        units = units_named(store, given.unit) if given.unit else None
        code = make_account(store, LOCAL_STAFF, given.name, Wanted(given.label, Role(given.role), units), now)
    elif given.doing == "reset":
        code = make_reset_code(store, LOCAL_STAFF, given.name, now)
    else:
        disable_account(store, LOCAL_STAFF, given.name, given.doing == "disable", now)
        return [words(f"command.account.{given.doing}d", name=given.name)]
    return [words("command.account.code", name=given.name, code=code), words("command.account.code.how")]


def _line(account: Account, words: Words) -> str:
    state = "closed" if account.disabled else "open" if account.has_password else "waiting"
    role = words(f"staff.role.{account.role.value}")
    return f"{account.name}  {account.label}  ({role}, {words(f'account.state.{state}')})"
