"""Speaks-for credentials, right and wrong: what a user signs so that a tool may speak for her.

Source: FED 4.6, the form.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from gcf_am import safexml
from gcf_am.clock import format_time
from gcf_am.trust import signatures
from gcf_am.trust.issue import Identity
from tests.pki import NOW, WEEK
from tests.security.credentials.forge import Forgery

_EMPTY: Final = "<serial/><owner_gid/><owner_urn/><target_gid/><target_urn/><uuid/>"
_SIGNATURE: Final = f"""<Signature xmlns="{signatures.DSIG}" xml:id="Sig_ref0"><SignedInfo>
<CanonicalizationMethod Algorithm="{signatures.C14N}"/>
<SignatureMethod Algorithm="{signatures.RSA_SHA256}"/>
<Reference URI="#ref0"><Transforms><Transform Algorithm="{signatures.ENVELOPED}"/></Transforms>
<DigestMethod Algorithm="{signatures.SHA256}"/><DigestValue/></Reference></SignedInfo>
<SignatureValue/><KeyInfo><X509Data/></KeyInfo></Signature>"""


def speaks_for(
    user: Identity,
    tool: Identity,
    *,
    signer: Identity | None = None,
    head: str | None = None,
    role: str | None = None,
    tails: Sequence[str] | None = None,
    expires: datetime = NOW + WEEK,
    libabac: bool = False,
) -> str:
    """The user's word that the tool may speak for her, or what is told instead.

    `libabac` writes the members in that library's order.
    """
    own = user.certificate.key_id
    principal = f"<ABACprincipal><keyid>{{}}</keyid><mnemonic>{user.urn}</mnemonic></ABACprincipal>"
    tails = tails or (principal.format(tool.certificate.key_id),)
    rule = (
        "<abac><rt0><version>1.1</version>"
        f"<head>{principal.format(head or own)}<role>{role or 'speaks_for_' + own}</role></head>"
        + "".join(f"<tail>{one}</tail>" for one in tails)
        + "</rt0></abac>"
    )
    until = f"<expires>{format_time(expires)}</expires>"
    kind = "<type>abac</type>"
    members = f"{_EMPTY}{until}{kind}{rule}" if libabac else f"{kind}{_EMPTY}{until}{rule}"
    text = (
        f'<signed-credential><credential xml:id="ref0">{members}</credential>'
        f"<signatures>{_SIGNATURE}</signatures></signed-credential>"
    )
    assert safexml.parse(text) is not None
    return Forgery(text).sign(signer or user).text
