"""What must hold for any bytes in place of a call or a credential, and bytes to begin with.

Like `targets`, but on an aggregate with a federation of its own: refusals are answers; any other
exception, and any assertion here, is a fault.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from gcf_am.trust.certificates import load_chain
from gcf_am.trust.chains import verify_chain
from gcf_am.trust.credentials import Credential
from gcf_am.trust.describe import describe_certificate
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.revocation import Revocations, read_lists
from gcf_am.trust.roots import Root, TrustSet
from gcf_am.trust.speaks_for import verify_speaks_for
from gcf_am.trust.terms import REQUIRED, Terms
from gcf_am.trust.verifier import verify_credential
from gcf_am.xmlrpc.codec import read_call, read_response, write_call, write_response
from gcf_am.xmlrpc.fault import BAD_REQUEST, MALFORMED, UNKNOWN_METHOD, Fault
from tests.pki import Pki, crl, crl_pem
from tests.security.xml.clearinghouse import clearinghouse
from tests.security.xml.targets import LONGEST, Target, in_words
from tests.speaking import speaks_for
from tests.unit.rpc.house import GENI_3, House, build, request

NAMES = (
    "call",
    "answer",
    "dispatched",
    "signed",
    "speaks-for",
    "certificate",
    "revocations",
    "clearinghouse",
)
FAULTS = {MALFORMED, BAD_REQUEST, UNKNOWN_METHOD}
_OUR_FAULT = 5


def call(data: bytes) -> bool:
    """A body is a Fault, or a call that says the same when it is written and read again."""
    try:
        name, parameters = read_call(data)
    except Fault as fault:
        _judge(fault)
        return False
    assert name
    # dates, bytes and nil are read, and never written
    with contextlib.suppress(TypeError):
        assert read_call(write_call(name, parameters)) == (name, parameters)
    return True


def answer(data: bytes) -> bool:
    """What an aggregate sends is a value or a Fault, whatever it is."""
    try:
        read_response(data)
    except Fault:
        return False
    return True


def _judge(fault: Fault) -> None:
    assert fault.code in FAULTS
    in_words(fault)


def _meaning(credential: Credential | None) -> object:
    """All that anybody acts on."""
    if credential is None:
        return None
    certificates = (credential.owner.leaf, credential.target.leaf, credential.signer.leaf)
    rest = (credential.privileges, credential.expires, _meaning(credential.parent))
    return (certificates, rest)


def _calls(house: House) -> tuple[bytes, ...]:
    alice, mine = house.pki.user("alice"), house.pki.slice("mine")
    urns, good = [mine.urn.text], house.creds(alice, mine)
    old = [good[0]["geni_value"]]
    users = [{"urn": alice.urn.text, "keys": ["ssh-ed25519 AAAA alice"]}]
    rspec = request("one-node")
    return tuple(
        write_call(name, parameters)
        for name, parameters in (
            ("GetVersion", ()),
            ("GetVersion", ({"x": [1, True, 1.5, "é"]},)),
            ("ListResources", (good, {**GENI_3, "geni_compressed": True})),
            ("Describe", (urns, good, GENI_3)),
            ("Allocate", (mine.urn.text, good, rspec, {"geni_end_time": "2030-01-01T00:00:00Z"})),
            ("Provision", (urns, good, {**GENI_3, "geni_users": users})),
            ("Renew", (urns, good, "2030-01-01T00:00:00Z", {"geni_best_effort": True})),
            ("PerformOperationalAction", (urns, good, "geni_start", {})),
            ("Update", (urns, good, rspec, {})),
            ("Delete", (urns, good, {"geni_best_effort": 1})),
            ("CreateSliver", (mine.urn.text, old, rspec, users, {})),
            ("Status", (urns, good, {"geni_speaking_for": alice.urn.text})),
        )
    )


class _Trusting:
    """What judges trust, with people whom it knows."""

    def __init__(self, pki: Pki) -> None:
        self.pki = pki
        self.alice, self.bob, self.tool = pki.user("alice"), pki.user("bob"), pki.tool()
        mine = pki.slice("mine")
        first = pki.slice_credential(self.alice, mine)
        self.genuine = (
            first,
            pki.delegated(first, self.alice, self.bob),
            pki.user_credential(self.alice),
        )
        terms = Terms(speaks_for_tools=("*",))
        self.trust = TrustSet((Root(pki.root.certificate, "root.pem", terms),))
        self.chain = pki.caller(self.tool, trust=self.trust).chain
        self.meanings = [_meaning(self._judged(one)) for one in self.genuine]
        people = (self.alice, self.bob, self.tool, pki.ma)
        self.known = {one for who in people for one in who.chain} | {*mine.chain}

    def targets(self) -> Mapping[str, Target]:
        """Each with what is genuine, to begin with."""
        alice, tool, ma = self.alice, self.tool, self.pki.ma
        words = (
            speaks_for(alice, tool),
            speaks_for(alice, tool, libabac=True),
            speaks_for(alice, self.bob),
        )
        shown = (alice.chain_pem.encode(), alice.certificate.der, ma.chain_pem.encode())
        revoked = crl(ma, alice, self.bob)
        lists = (crl_pem(revoked), revoked.public_bytes(Encoding.DER))
        return {
            "signed": Target(_refusing(self.signed), [one.encode() for one in self.genuine]),
            "speaks-for": Target(_refusing(self.spoken), [one.encode() for one in words]),
            "certificate": Target(_refusing(self.certificate), shown),
            "revocations": Target(_refusing(self.revocations), lists),
        }

    def _judged(self, text: str) -> Credential:
        return verify_credential(text, self.trust, self.pki.now)

    def signed(self, data: bytes) -> None:
        """A credential means what a genuine one does, or is refused."""
        assert _meaning(self._judged(data.decode("utf-8", "replace"))) in self.meanings

    def spoken(self, data: bytes) -> None:
        """Only alice's word lets the tool speak for her."""
        text = data.decode("utf-8", "replace")
        found = verify_speaks_for(text, self.alice.urn, self.chain, self.trust, self.pki.now)
        assert found.user.leaf == self.alice.certificate

    def certificate(self, data: bytes) -> None:
        """A peer's certificate is refused, or somebody's whom we know."""
        found = verify_chain(load_chain(data), self.trust, self.pki.now)
        assert found.leaf in self.known
        assert describe_certificate(found.leaf)

    def revocations(self, data: bytes) -> None:
        """A list is refused, or read so far that nothing fails when it is asked."""
        lists = Revocations(read_lists(data))
        alice, ma = self.alice.certificate, self.pki.ma.certificate
        with contextlib.suppress(Refusal):
            lists.check(alice, ma, self.pki.now, REQUIRED)


def _refusing(judge: Callable[[bytes], None]) -> Callable[[bytes], bool]:
    """Whether it was not refused; a Refusal is in words."""

    def read(data: bytes) -> bool:
        try:
            judge(data)
        except Refusal as refusal:
            in_words(refusal)
            return False
        return True

    return read


def _dispatched(house: House, data: bytes) -> bool:
    """Both versions answer with a return struct or a Fault, and never by a fault of ours."""
    taken = False
    for version in (house, house.in_version_2()):
        try:
            found = read_response(version.send(house.pki.user("alice"), data))
        except Fault as fault:
            _judge(fault)
            continue
        assert isinstance(found, dict)
        assert found["code"]["geni_code"] != _OUR_FAULT
        assert len(found["output"]) < LONGEST
        taken |= found["code"]["geni_code"] == 0
    return taken


@contextlib.contextmanager
def calls(folder: Path) -> Iterator[Mapping[str, Target]]:
    """The targets by name, on an aggregate that keeps its things in `folder`."""
    house = build(folder)
    open_ = contextlib.ExitStack()
    bodies = _calls(house)
    version = house.call(house.pki.user("alice"), "GetVersion")
    answers = (write_response(version), write_response([1, "x", {"a": ()}]))
    try:
        yield {
            "clearinghouse": open_.enter_context(clearinghouse(folder / "clearinghouse")),
            "call": Target(call, bodies),
            "answer": Target(answer, answers),
            "dispatched": Target(partial(_dispatched, house), bodies),
            **_Trusting(house.pki).targets(),
        }
    finally:
        open_.close()
        house.at.am.store.close()
