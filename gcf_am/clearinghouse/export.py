"""What others get of a clearinghouse: whom to trust, and what geni-lib needs to use it.

Source: FED 2.5 (geni-lib), 3.3 (trust bundles).
"""

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select

from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.key_files import private_directory, write_file
from gcf_am.clearinghouse.living import lives
from gcf_am.clearinghouse.members import chain_of, find_member
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.register import Register
from gcf_am.clearinghouse.revoking import FILE as LISTS
from gcf_am.clearinghouse.revoking import write_lists
from gcf_am.clearinghouse.settings import read_settings
from gcf_am.clearinghouse.tables import SliceMemberRow, SliceRow
from gcf_am.clock import Clock, SystemClock
from gcf_am.errors import ConfigError
from gcf_am.surface.ch_elements import Role
from gcf_am.trust.certificates import load_chain
from gcf_am.urn import Urn

MODULE: Final = "private_ch.py"
_NAME: Final = "private-ch"
_USE: Final = (Role.LEAD, Role.ADMIN, Role.MEMBER)
_CLASS: Final = '''"""geni-lib's framework for the clearinghouse of {authority}; import it before you use it."""

from geni.aggregate.frameworks import CHAPI2
from geni.aggregate.core import FrameworkRegistry


class PrivateCH(CHAPI2):
    """The clearinghouse of {authority}."""

    def __init__(self):
        super(PrivateCH, self).__init__("{name}")
        self._authority = "{authority}"
        self._ch = "{url}CH"
        self._ma = "{url}MA"
        self._sa = "{url}SA"

    @property
    def projecturn(self):
        return self.projectNameToURN(self.project) if self.project else None

    def projectNameToURN(self, name):
        return "urn:publicid:IDN+{authority}+project+%s" % name if name else None

    def sliceNameToURN(self, name, project=None):
        project = project or self.project
        authority = "{authority}:%s" % project if project else "{authority}"
        return "urn:publicid:IDN+%s+slice+%s" % (authority, name)


FrameworkRegistry.register("{name}", PrivateCH)
'''


def export_trust(home: Path, target: Path, *, clock: Clock | None = None) -> Path:
    """Write root, SA, MA and the revocation lists into a directory; raises ConfigError.

    SA and MA stand beside the root, since many aggregates build no chains (FED 3.3).
    """
    places = Places(home)
    read_settings(places.settings)
    certificates = {
        "ch-cert.pem": places.root().pem,
        "sa-cert.pem": places.authority("sa").certificate.pem,
        "ma-cert.pem": places.authority("ma").certificate.pem,
    }
    target.mkdir(parents=True, exist_ok=True)
    for name, pem in certificates.items():
        write_file(target / name, pem)
    with closing(Register(places.database)) as register:
        now = (clock or SystemClock()).now()
        write_lists(home, register, target / LISTS, now=now)
    return target


def export_geni_lib(
    home: Path, user: str, target: Path, *, url: str = "", clock: Clock | None = None
) -> list[Path]:
    """Write a module with geni-lib's framework for this clearinghouse, and a user's credentials.

    The credentials lie where geni-lib looks for them when the directory is its context's datadir
    (geni-lib 0.9.9.4 cannot fetch them itself on Python 3). Returns the files. Raises ConfigError.
    """
    places = Places(home)
    settings = read_settings(places.settings)
    where = url or settings.url or f"https://{settings.host}:{settings.port}/"
    private_directory(target)
    module = target / MODULE
    write_file(module, _CLASS.format(authority=settings.authority, name=_NAME, url=where))
    now = (clock or SystemClock()).now()
    written = [module]
    for name, text in _credentials(places, settings.authority, user, now).items():
        write_file(target / name, text, private=True)
        written.append(target / name)
    return written


def _credentials(places: Places, authority: str, user: str, now: datetime) -> dict[str, str]:
    """A user's credentials, by the names of the files."""
    life = read_settings(places.settings).lives
    signers = Authority(places.authority("sa"), places.authority("ma"), *life)
    with closing(Register(places.database)) as register, register.unit() as session:
        member = find_member(session, Urn.of(authority, "user", user))
        if member is None:
            raise ConfigError(f"there is no user {user}")
        owner = chain_of(member)
        found = {f"{_NAME}-{user}-usercred.xml": signers.user_credential(owner)}
        mine = select(SliceMemberRow.slice_id).where(
            SliceMemberRow.member_id == member.id, SliceMemberRow.role.in_(_USE)
        )
        slices = select(SliceRow).where(SliceRow.id.in_(mine), lives(SliceRow, now))
        for one in session.scalars(slices.order_by(SliceRow.id)):
            # geni-lib writes its context's project so, also where that is None
            project = one.project.name if one.project else None
            name = f"{_NAME}-{project}-{Urn.parse(one.urn).name}-scred.xml"
            found[name] = signers.slice_credential(owner, load_chain(one.certificate), one.expires)
    return found
