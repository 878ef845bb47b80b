"""Forgeries made with the keys of an installation's own authorities.

Whatever a forgery does not break is genuine: alice's credential over the slice `credentials`.
"""

from collections.abc import Callable
from datetime import timedelta

from lxml import etree

from gcf_am.trust import issue
from gcf_am.trust.issue import Identity
from gcf_am.urn import Urn
from tests.functional.federation import HomePki
from tests.pki import NOW, WEEK, Pki, key
from tests.security.credentials.forge import XML_ID, Forgery

DAY = timedelta(days=1)


def ca(pki: HomePki, urn: str, *, now: timedelta = timedelta(0)) -> Identity:
    """A CA of that name below the root."""
    own = key(pki.authority, 3)
    made = issue.certify(
        Urn.parse(f"urn:publicid:IDN+{urn}"),
        own.public_key(),
        signer=pki.root,
        now=NOW + now,
        until=NOW + WEEK,
        path_length=0,
    )
    return Identity(own, (made,))


Forge = Callable[[HomePki], str]


def forged(change: Callable[[HomePki, Forgery], object], *, signed: bool = False) -> Forge:
    """The genuine credential after a change; with `signed` the SA is fooled into signing it."""

    def make(pki: HomePki) -> str:
        genuine = pki.slice_credential(pki.user("alice"), pki.slice("credentials"))
        forgery = Forgery(genuine)
        change(pki, forgery)
        return (forgery.sign(pki.sa) if signed else forgery).text

    return make


def gid(name: str, make: Callable[[HomePki], str]) -> Forge:
    """A credential that the SA signed with another certificate in it."""
    return forged(lambda pki, one: one.set(name, make(pki)), signed=True)


def user_by(signer: Callable[[HomePki], Identity], **more: timedelta) -> Callable[[HomePki], str]:
    """Alice's certificate by another signer, or at another time."""

    def make(pki: HomePki) -> str:
        chain = signer(pki)
        now = NOW + more.get("now", timedelta(0))
        own = pki.user("alice").key.public_key()
        made = issue.certify(
            pki.urn("user", "alice"), own, signer=chain, now=now, until=now + 2 * WEEK
        )
        return made.pem + chain.chain_pem

    return make


def slice_by(signer: Callable[[HomePki], Identity], **more: timedelta) -> Callable[[HomePki], str]:
    """The slice's certificate by another signer, or at another time."""

    def make(pki: HomePki) -> str:
        chain = signer(pki)
        now = NOW + more.get("now", timedelta(0))
        made = issue.make_slice(
            chain,
            pki.slice("credentials").urn,
            now=now,
            until=now + 2 * WEEK,
            public_key=key(pki.authority, 0).public_key(),
        )
        return "".join(one.pem for one in made)

    return make


def signed_by(signer: Callable[[HomePki], Identity]) -> Forge:
    return lambda pki: pki.slice_credential(
        pki.user("alice"), pki.slice("credentials"), signer=signer(pki)
    )


def stranger(_: HomePki) -> Pki:
    return Pki("other.example")


def wrapped(_: HomePki, forgery: Forgery) -> None:
    """The signed credential goes where nobody looks, an evil one takes its place."""
    evil = Forgery(forgery.text)
    evil.set("expires", "2131-01-01T00:00:00Z").credential.set(XML_ID, "evil")
    signed = forgery.credential
    forgery.root.insert(0, evil.credential)
    extensions = etree.SubElement(forgery.root[0], "extensions")
    extensions.append(signed)


def beside(_: HomePki, forgery: Forgery) -> None:
    evil = Forgery(forgery.text).set("expires", "2131-01-01T00:00:00Z").credential
    evil.set(XML_ID, "evil")
    forgery.root.insert(0, evil)


def flip(_: HomePki, forgery: Forgery) -> None:
    value = forgery.one("//d:SignatureValue")
    text = "".join((value.text or "").split())
    value.text = ("B" if text[0] == "A" else "A") + text[1:]


def without_signatures(_: HomePki, forgery: Forgery) -> None:
    forgery.root.remove(forgery.root[1])


def same_id(_: HomePki, forgery: Forgery) -> None:
    forgery.signature.set(XML_ID, "ref0")
