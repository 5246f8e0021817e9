"""How does an office give its own tablets an https that they trust?"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from survey.certificate import Certificates, make_certificates, own_names
from survey.settings import Settings
from survey.words import Words

DEVICES = ("android", "windows", "linux")


def describe(command: argparse.ArgumentParser, words: Words) -> None:
    """The arguments of the command."""
    command.add_argument(
        "--name", action="append", default=[], metavar="HOST_OR_IP", help=words("command.certificate.name")
    )
    command.add_argument("--to", type=Path, metavar="DIR", help=words("command.certificate.to"))


def run(given: argparse.Namespace, settings: Settings, words: Words) -> list[str]:
    """Make what is missing; the lines that say what is there, how tablets learn to trust it, and how to start."""
    folder = given.to or settings.data / "https"
    return _told(make_certificates(folder, given.name, own_names(), datetime.now(UTC)), words)


def _told(made: Certificates, words: Words) -> list[str]:
    lines = [
        words(
            "command.certificate.ca_new" if made.ca_is_new else "command.certificate.ca_kept",
            file=made.ca,
            day=words.day(made.ca_ends.date()),
        ),
        words("command.certificate.fingerprint", fingerprint=made.fingerprint),
        words("command.certificate.key", file=made.ca_key),
        words(
            "command.certificate.leaf_new" if made.leaf_is_new else "command.certificate.leaf_kept",
            names=", ".join(made.names),
            day=words.day(made.ends.date()),
        ),
        "",
        words("command.certificate.install", file=made.ca.name),
    ]
    lines += [f"  {words(f'command.certificate.{device}', file=made.ca.name)}" for device in DEVICES]
    chain, key = (f'"{file}"' if " " in str(file) else file for file in (made.chain, made.key))
    start = f"streamlit run app.py --server.sslCertFile {chain} --server.sslKeyFile {key}"
    return [
        *lines,
        "",
        words("command.certificate.start"),
        f"  {start}",
        words("command.certificate.open", address=f"https://{made.names[0]}:8501/s/skm?station=tablet-1"),
        words("command.certificate.again"),
    ]
