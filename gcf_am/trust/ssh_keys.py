"""The SSH public keys that experimenters bring for their accounts.

Source: OpenSSH, sshd(8), AUTHORIZED_KEYS FILE FORMAT; AM API v3, geni_users.
"""

import re
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

# Type, key, comment. Options in front of the type (`command=`, `environment=`) would act on the
# node in the account owner's name and are not a key.
_LINE: Final = re.compile(
    r"(?P<kind>[a-z0-9@.-]+)[ \t]+(?P<blob>[A-Za-z0-9+/]+={0,2})(?:[ \t]+(?P<comment>.*))?",
    re.ASCII,
)
_KINDS: Final = frozenset(
    {
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    }
)
_LONGEST: Final = 8192
_SHORTEST_RSA: Final = 1024  # sshd_config(5), RequiredRSASize: what a node's sshd takes


def judge_key(line: str) -> str:
    """The key as one line of an authorized_keys file, blanks around it cut off.

    Raises ValueError that says what is wrong with it.
    """
    line = line.strip()
    if "PRIVATE KEY" in line:
        raise ValueError("that is a private key; keep it, and send the one ending in .pub")
    if len(line) > _LONGEST:
        raise ValueError(f"an SSH public key has at most {_LONGEST} characters")
    if not line.isprintable() and not line.replace("\t", "").isprintable():
        raise ValueError("an SSH public key is one line of printable characters")
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"{line[:30]!r}... is no SSH public key (type, base64, comment)")
    kind = match["kind"]
    if kind not in _KINDS:
        raise ValueError(f"SSH keys of type {kind[:40]!r} are not accepted; use ssh-ed25519")
    _check(kind, match["blob"])
    return line


def _check(kind: str, blob: str) -> None:
    try:
        key = load_ssh_public_key(f"{kind} {blob}".encode("ascii"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError(f"the SSH key is damaged: it is no {kind} key") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _SHORTEST_RSA:
        raise ValueError(f"RSA keys need {_SHORTEST_RSA} bits, this one has {key.key_size}")
