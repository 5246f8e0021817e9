"""Does the office's own certificate authority vouch for this computer, for nothing else, and for long enough?"""

import io
import ipaddress
import os
import shutil
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from survey.certificate import Certificates, make_certificates, own_names
from survey.commands.command_line import CANNOT, main
from survey.problem import Problem

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
OWN = ("192.168.1.10", "kantor")


def made_in(folder: Path, *names: str, at: datetime = NOW, own: tuple[str, ...] = OWN) -> Certificates:
    return make_certificates(folder, names, own, at)


def read(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(file.read_bytes())[0]


def problem_of(folder: Path, *names: str, at: datetime = NOW) -> str:
    with pytest.raises(Problem) as told:
        made_in(folder, *names, at=at)
    return told.value.key


def test_the_certificate_names_the_computer_by_name_and_by_address(tmp_path: Path) -> None:
    made = made_in(tmp_path, "Survei.Local.", "192.168.1.10", "fd00::2")
    names = read(made.chain).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["survei.local", "localhost"]
    addresses = [ipaddress.ip_address(address) for address in ("192.168.1.10", "fd00::2", "127.0.0.1")]
    assert names.get_values_for_type(x509.IPAddress) == addresses


def test_it_lives_397_days_and_the_authority_ten_years(tmp_path: Path) -> None:
    """Both begin a day early, for tablets whose clock is behind. Browsers refuse more than 398 days."""
    made = made_in(tmp_path)
    leaf, ca = read(made.chain), read(made.ca)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=397)
    assert ca.not_valid_after_utc - ca.not_valid_before_utc == timedelta(days=3652)
    assert leaf.not_valid_before_utc == ca.not_valid_before_utc == NOW - timedelta(days=1)
    assert (made.ends, made.ca_ends) == (leaf.not_valid_after_utc, ca.not_valid_after_utc)


def test_the_authority_may_vouch_for_the_office_only_and_for_no_other_authority(tmp_path: Path) -> None:
    ca = read(made_in(tmp_path, "10.0.0.5").ca)
    basic = ca.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical and basic.value.ca and basic.value.path_length == 0
    limits = ca.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    said = {str(one.value) for one in limits.value.permitted_subtrees or []}
    assert {"10.0.0.0/8", "192.168.0.0/16", "local", "kantor"} <= said
    assert not {"0.0.0.0/0", "id", "com", ""} & said
    use = ca.extensions.get_extension_for_class(x509.KeyUsage).value
    assert use.key_cert_sign and not use.digital_signature


def test_another_library_finds_the_chain_good_and_a_foreign_name_bad(tmp_path: Path) -> None:
    """OpenSSL, by a real handshake: the names in the certificate are trusted, others are not."""
    made = made_in(tmp_path, "survei.local")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.chain, made.key)
    trusting = ssl.create_default_context(cafile=made.ca)
    for name, is_trusted in (("survei.local", True), ("127.0.0.1", True), ("bank.example", False)):
        ours, theirs = socket.socketpair()
        serving = threading.Thread(target=_shake_hands, args=(server, ours))
        serving.start()
        try:
            with trusting.wrap_socket(theirs, server_hostname=name) as reached:
                assert is_trusted and reached.version() == "TLSv1.3"
        except ssl.SSLCertVerificationError as error:
            assert not is_trusted and "mismatch" in str(error), name
        finally:
            theirs.close()
            serving.join(10)


def _shake_hands(context: ssl.SSLContext, connection: socket.socket) -> None:
    try:
        with context.wrap_socket(connection, server_side=True) as reached:
            reached.recv(1)
    except OSError:
        connection.close()


@pytest.mark.skipif(os.name != "posix", reason="Windows has other permissions")
def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    made = made_in(tmp_path / "https")
    assert [file.stat().st_mode & 0o777 for file in (made.ca_key, made.key, made.folder)] == [0o600, 0o600, 0o700]
    assert {file.name for file in made.folder.iterdir()} == {"ca.crt", "ca.key", "server.crt", "server.key"}


# --- again and again


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    made_in(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    made = made_in(tmp_path, at=NOW + timedelta(days=300))
    assert not made.ca_is_new and not made.leaf_is_new
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_near_its_end_it_is_renewed_with_its_names_by_the_same_authority(tmp_path: Path) -> None:
    first = made_in(tmp_path, "survei.local")
    ca = first.ca.read_bytes()
    later = made_in(tmp_path, at=NOW + timedelta(days=397 - 59))
    assert later.leaf_is_new and not later.ca_is_new
    assert later.ca.read_bytes() == ca
    assert "survei.local" in later.names and later.ends > first.ends
    read(later.chain).verify_directly_issued_by(read(later.ca))


def test_a_new_address_makes_a_new_certificate(tmp_path: Path) -> None:
    made_in(tmp_path)
    moved = made_in(tmp_path, own=("192.168.7.7",))
    assert moved.leaf_is_new and {"192.168.1.10", "192.168.7.7"} <= set(moved.names)


def test_an_address_outside_is_left_out_when_found_and_refused_when_asked_for(tmp_path: Path) -> None:
    made_in(tmp_path)
    assert "203.0.113.9" not in made_in(tmp_path, own=(*OWN, "203.0.113.9")).names
    assert problem_of(tmp_path, "203.0.113.9") == "certificate.not_permitted"
    assert problem_of(tmp_path, "survei.example.org") == "certificate.not_permitted"
    assert "survei.example.org" in made_in(tmp_path / "other", "survei.example.org").names


@pytest.mark.parametrize("damage", ["missing", "garbage", "of another"])
def test_a_damaged_certificate_of_the_server_is_made_anew(tmp_path: Path, damage: str) -> None:
    made = made_in(tmp_path / "a")
    if damage == "missing":
        made.key.unlink()
    elif damage == "garbage":
        made.chain.write_text("-----BEGIN CERTIFICATE-----\n")
    else:
        other = made_in(tmp_path / "b")
        shutil.copy(other.chain, made.chain)
        shutil.copy(other.key, made.key)
    again = made_in(tmp_path / "a")
    assert again.leaf_is_new and not again.ca_is_new
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(again.chain, again.key)


@pytest.mark.parametrize(
    ("damage", "key"),
    [
        (lambda made: made.ca.unlink(), "certificate.half"),
        (lambda made: made.ca_key.unlink(), "certificate.half"),
        (lambda made: made.ca.write_text("no certificate"), "certificate.unreadable"),
        (lambda made: shutil.copy(made.key, made.ca_key), "certificate.unreadable"),
    ],
)
def test_an_authority_is_never_replaced(tmp_path: Path, damage: object, key: str) -> None:
    """A part that is missing or damaged is told; the tablets trust the authority that was there."""
    made = made_in(tmp_path)
    damage(made)  # type: ignore[operator]
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    assert problem_of(tmp_path) == key
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_an_authority_that_ends_soon_is_told(tmp_path: Path) -> None:
    made_in(tmp_path)
    assert problem_of(tmp_path, at=NOW + timedelta(days=3652 - 59)) == "certificate.ended"


def test_no_certificate_outlives_its_authority(tmp_path: Path) -> None:
    made_in(tmp_path)
    last = made_in(tmp_path, at=NOW + timedelta(days=3652 - 100))
    assert last.ends == last.ca_ends


@pytest.mark.parametrize("name", ["", "https://survei", "a b", "-a.local", "1.2.3", "300.1.1.1", "*.local", "x" * 64])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    assert problem_of(tmp_path, name) == "certificate.bad_name"
    assert not any(tmp_path.iterdir())


def test_this_computer_knows_its_own_name() -> None:
    assert own_names()
    assert not {"127.0.0.1", "::1"} & set(own_names())


# --- the command


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return main(["certificate", *arguments], out, err, {"SURVEY_DATA": str(folder)}), out.getvalue(), err.getvalue()


def test_the_command_tells_in_words_how_tablets_learn_to_trust(tmp_path: Path) -> None:
    code, told, _ = run(tmp_path, "--language", "en", "--name", "192.168.1.10")
    assert code == 0
    for words in ("Certificate authority made", "SHA-256", "Android", "Windows", "certutil -d sql:$HOME/.pki/nssdb"):
        assert words in told
    folder = tmp_path / "https"
    assert f"--server.sslCertFile {folder / 'server.crt'} --server.sslKeyFile {folder / 'server.key'}" in told
    assert "https://192.168.1.10:8501/s/skm?station=tablet-1" in told
    _, again, _ = run(tmp_path, "--name", "192.168.1.10")
    assert "sudah ada dan tidak diubah" in again and "masih baik" in again


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    code, _, told = run(tmp_path, "--name", "a b")
    assert code == CANNOT and "“a b” bukan nama komputer" in told
    (tmp_path / "file").write_text("")
    code, _, told = run(tmp_path, "--to", str(tmp_path / "file" / "https"))
    assert code == CANNOT and "tidak dapat ditulis" in told


@pytest.mark.skipif(not shutil.which("openssl"), reason="the program openssl is not installed")
def test_openssl_itself_verifies_the_chain(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, [], OWN, datetime.now(UTC))
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(made.ca), str(made.chain)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
