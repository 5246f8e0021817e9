"""How do tablets come to trust this computer, so that the survey starts on them without network?

A browser keeps a page for offline only when it came over https from a computer it trusts. An office without a public
name makes its own certificate authority, once, and installs it on its own tablets; the authority vouches for the
computer's certificate, which is made anew before it ends. The authority may only vouch for names and addresses inside
an office (RFC 5280, name constraints), so a stolen key of it opens nobody's bank.
"""

import contextlib
import ipaddress
import os
import re
import secrets
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from survey.problem import Problem

CA_DAYS = 3652  # ten years
LEAF_DAYS = 397  # browsers refuse certificates of servers that are valid for longer than 398 days
RENEW_BEFORE_DAYS = 60
_CLOCKS_DIFFER = timedelta(days=1)  # a tablet whose clock is behind must not find a certificate of tomorrow
_ALWAYS = ("localhost", "127.0.0.1")
_OFFICE_DOMAINS = ("localhost", "local", "lan", "internal", "home.arpa")
_OFFICE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
_OFFICE_NETWORKS_6 = ("fc00::/7", "fe80::/10", "::1/128")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Certificates:
    """The four files in a folder, and what happened to them.

    ``ca`` is what is installed on tablets, ``chain`` and ``key`` what the server is started with.
    """

    folder: Path
    names: tuple[str, ...]
    fingerprint: str
    ends: datetime
    ca_ends: datetime
    ca_is_new: bool
    leaf_is_new: bool

    @property
    def ca(self) -> Path:
        """The authority's certificate: public, for every tablet."""
        return self.folder / "ca.crt"

    @property
    def ca_key(self) -> Path:
        """The authority's key: it never leaves this computer."""
        return self.folder / "ca.key"

    @property
    def chain(self) -> Path:
        """The server's certificate, with the authority's behind it."""
        return self.folder / "server.crt"

    @property
    def key(self) -> Path:
        """The server's key."""
        return self.folder / "server.key"


def own_names() -> tuple[str, ...]:
    """What this computer is called in its network: the addresses it has just now, and its name."""
    name = socket.gethostname().lower()
    addresses = []
    for family, remote in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((remote, 9))  # nothing is sent: the system only says from where it would be
            addresses.append(str(asking.getsockname()[0]))
    with contextlib.suppress(OSError):
        addresses += [str(place[4][0]) for place in socket.getaddrinfo(name, None, socket.AF_INET)]
    inside = [given for given in addresses if not _address(given).is_loopback]
    inside += [name] if _is_host(name) else []
    return tuple(dict.fromkeys(inside))


def make_certificates(folder: Path, names: Sequence[str], own: Sequence[str], now: datetime) -> Certificates:
    """See to it that ``folder`` holds an authority and a certificate of the server that is good for months to come.

    An authority that is there is used and never replaced. The server's certificate is made anew when it ends within
    ``RENEW_BEFORE_DAYS``, when a name is missing in it, or when it is not of this authority. ``names`` are those
    wanted; without any, those of the certificate that is there, and of ``own`` those the authority may vouch for.
    Raises ``Problem`` for a name that is none or that the authority may not vouch for, and for an authority of which a
    part is missing or which ends soon.
    """
    wanted = [_cleaned(name) for name in names]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ca_file, ca_key_file = folder / "ca.crt", folder / "ca.key"
        ca_is_new = not ca_file.exists() and not ca_key_file.exists()
        if ca_is_new:
            _make_authority(ca_file, ca_key_file, [*wanted, *own], now)
        ca, ca_key = _read_authority(ca_file, ca_key_file, now)
        before = _read_leaf(folder, ca)
        asked = wanted or [*(_names_in(before) if before else ()), *own]
        for name in wanted:
            if not _is_permitted(name, ca):
                raise Problem("certificate.not_permitted", name=name, where=str(ca_file))
        every = tuple(name for name in dict.fromkeys([*asked, *_ALWAYS]) if _is_permitted(name, ca))
        soon = now + timedelta(days=RENEW_BEFORE_DAYS)
        is_good = before is not None and before.not_valid_after_utc > soon and set(every) <= set(_names_in(before))
        if before is None or not is_good:
            before = _make_leaf(folder, every, ca, ca_key, now)
    except OSError as error:
        raise Problem("certificate.folder", where=str(folder), detail=error.strerror or str(error)) from error
    return Certificates(
        folder=folder,
        names=_names_in(before),
        fingerprint=ca.fingerprint(hashes.SHA256()).hex(":").upper(),
        ends=before.not_valid_after_utc,
        ca_ends=ca.not_valid_after_utc,
        ca_is_new=ca_is_new,
        leaf_is_new=not is_good,
    )


# --- the authority


def _make_authority(file: Path, key_file: Path, names: Iterable[str], now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Survei {now:%Y} {secrets.token_hex(3).upper()}")])
    start = now - _CLOCKS_DIFFER
    made = (
        _begun(name, name, key, start, start + timedelta(days=CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(_only_inside_the_office(names), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(key_file, _pem_of(key), new=True)
    _write(file, _pem(made), mode=0o644, new=True)


def _only_inside_the_office(names: Iterable[str]) -> x509.NameConstraints:
    """Names of local networks, private addresses, and those that were asked for by name."""
    networks: list[Network] = [ipaddress.ip_network(n) for n in (*_OFFICE_NETWORKS, *_OFFICE_NETWORKS_6)]
    domains = list(_OFFICE_DOMAINS)
    for name in names:
        if _is_host(name):
            domains.append(name)
        elif not any(_address(name) in network for network in networks):
            networks.append(ipaddress.ip_network(name))
    permitted = [*map(x509.DNSName, dict.fromkeys(domains)), *map(x509.IPAddress, networks)]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def _read_authority(file: Path, key_file: Path, now: datetime) -> tuple[x509.Certificate, Key]:
    for missing, there in ((file, key_file), (key_file, file)):
        if not missing.exists():
            raise Problem("certificate.half", missing=missing.name, where=str(there))
    try:
        ca, key = x509.load_pem_x509_certificate(file.read_bytes()), _load_key(key_file)
    except ValueError as error:
        raise Problem("certificate.unreadable", where=str(file.parent)) from error
    if key.public_key() != ca.public_key():
        raise Problem("certificate.unreadable", where=str(file.parent))
    if ca.not_valid_after_utc < now + timedelta(days=RENEW_BEFORE_DAYS):
        raise Problem("certificate.ended", where=str(file))
    return ca, key


def _is_permitted(name: str, ca: x509.Certificate) -> bool:
    """Whether the authority may vouch for this name or address."""
    allowed = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    if _is_host(name):
        domains = [one.value for one in allowed if isinstance(one, x509.DNSName)]
        return any(name == domain or name.endswith(f".{domain}") for domain in domains)
    networks = [ipaddress.ip_network(str(one.value)) for one in allowed if isinstance(one, x509.IPAddress)]
    return any(_address(name) in network for network in networks)


# --- the server's certificate


def _make_leaf(
    folder: Path, names: Sequence[str], ca: x509.Certificate, ca_key: Key, now: datetime
) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    start = max(now - _CLOCKS_DIFFER, ca.not_valid_before_utc)
    end = min(start + timedelta(days=LEAF_DAYS), ca.not_valid_after_utc)
    alternatives = [x509.DNSName(name) if _is_host(name) else x509.IPAddress(_address(name)) for name in names]
    made = (
        _begun(subject, ca.subject, key, start, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )
    _write(folder / "server.key", _pem_of(key))
    _write(folder / "server.crt", _pem(made) + _pem(ca), mode=0o644)
    return made


def _read_leaf(folder: Path, ca: x509.Certificate) -> x509.Certificate | None:
    """The server's certificate, unless there is none, it is not whole, or this authority did not make it."""
    try:
        leaf = x509.load_pem_x509_certificates((folder / "server.crt").read_bytes())[0]
        key = _load_key(folder / "server.key")
        leaf.verify_directly_issued_by(ca)
    except (OSError, ValueError, TypeError, InvalidSignature):  # whatever is wrong with it, it is made anew
        return None
    return leaf if key.public_key() == leaf.public_key() else None


def _names_in(leaf: x509.Certificate) -> tuple[str, ...]:
    found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return tuple(str(name.value) for name in found)


# --- names


def _cleaned(given: str) -> str:
    """A name or address as it stands in a certificate. Raises ``Problem`` for what is neither."""
    name = given.strip().lower().strip("[]").rstrip(".")
    if not _is_host(name):
        try:
            return str(ipaddress.ip_address(name))
        except ValueError:
            raise Problem("certificate.bad_name", name=given) from None
    return name


def _is_host(name: str) -> bool:
    """Whether this is a name and no address: its last part has a letter."""
    parts = name.split(".")
    named = len(name) <= 253 and all(_LABEL.fullmatch(part) for part in parts)
    return named and not parts[-1].isdigit()


def _address(name: str) -> Address:
    return ipaddress.ip_address(name.partition("%")[0])


# --- files


def _begun(subject: x509.Name, issuer: x509.Name, key: Key, start: datetime, end: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start.astimezone(UTC))
        .not_valid_after(end.astimezone(UTC))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*uses: str) -> x509.KeyUsage:
    every = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{use: use in uses for use in every})


def _load_key(file: Path) -> Key:
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(file.name)
    return key


def _pem_of(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write(file: Path, content: bytes, *, mode: int = 0o600, new: bool = False) -> None:
    """Write the file whole; ``new``: refuse when there is one."""
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        if new:
            os.link(unfinished, file)
        else:
            unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
