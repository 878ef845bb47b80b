"""Makes the digest of an inventory in a process of its own.

While a large document is read its tree takes many times the memory that is needed afterwards, of
which a process would keep much.
"""

import subprocess
import sys
from typing import Final

from gcf_am.app.digest import name_of, write_digest
from gcf_am.errors import ConfigError
from gcf_am.rspec.inventory import read_site
from gcf_am.urn import Urn

_REFUSED: Final = 3


def digest_apart(data: bytes, manager: Urn) -> bytes:
    """The digest of an inventory; raises ConfigError for what is none."""
    done = subprocess.run(  # noqa: S603 - this very module
        [sys.executable, "-P", "-m", __name__, manager.text],
        input=data,
        capture_output=True,
        check=False,
    )
    if done.returncode == _REFUSED:
        raise ConfigError(done.stderr.decode())
    if done.returncode:
        raise OSError(f"a process that reads the inventory ended with {done.returncode}")
    return done.stdout


def main() -> None:
    """From standard input to standard output."""
    data, manager = sys.stdin.buffer.read(), Urn.parse(sys.argv[1])
    try:
        site = read_site(data, manager=manager)
    except ConfigError as refused:
        sys.stderr.write(str(refused))
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(write_digest(name_of(data, manager), site))


if __name__ == "__main__":
    main()
