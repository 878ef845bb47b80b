"""What is wrong with whom the aggregate believes: its rules, switched off one by one."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lxml import etree

from gcf_am.errors import Forbidden
from gcf_am.rpc import authorizer
from gcf_am.trust import abac_document, chains, credential_document, speaks_for, use, verifier
from gcf_am.trust.authorize import authorize
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.credential_document import XML_ID, Statement, parse_document
from gcf_am.trust.grant import Grant
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import Root, TrustSet
from gcf_am.trust.signature_block import SignatureBlock
from gcf_am.trust.signatures import DSIG, verify
from tests.sabotage.bends import instead, place_of, refusal, sent, text_of
from tests.sabotage.board import Asked, Bend, Misbehaviour, Replaced


def deaf(where: Any, name: str, *rules: str) -> Replaced:
    """A function that does not refuse for these reasons any more."""
    whole: Callable[..., object] = getattr(where, name)

    def part(*args: object, **named: object) -> object:
        try:
            return whole(*args, **named)
        except Refusal as refused:
            if refused.rule not in rules:
                raise
            return None

    return Replaced(where, name, part)


def _nothing(*_args: object, **_named: object) -> None:
    """A rule that is not there."""


# ------------------------------------------------------------------------------ what is genuine


class _Anything(str):
    """A text that is whatever it is compared with."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0


_read_document: Final = credential_document.read_document
_read_abac: Final = abac_document.read_abac
_find_path: Final = chains._path
_statement: Final = credential_document._statement


def _soon() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)


def _never_expired(text: str) -> tuple[Statement, ...]:
    return tuple(
        one if one.expires > datetime.now(UTC) else replace(one, expires=_soon())
        for one in _read_document(text)
    )


def _first_credential(text: str) -> tuple[Statement, ...]:
    """The first credential there is, with the first signature there is."""
    root = parse_document(text)
    signature = next(root.iter(f"{{{DSIG}}}Signature"))
    credential = next(root.iter("credential"))
    block = SignatureBlock.read(signature)
    return (_statement(credential, {credential.get(XML_ID, ""): block}),)


def _whatever_was_signed(block: SignatureBlock, element: etree._Element, signer: Any) -> None:
    """The signature is good over the element that it names, wherever that stands."""
    root = element.getroottree().getroot()
    signed = next(one for one in root.iter("credential") if one.get(XML_ID) == block.over)
    verify(block.element, signed, signer.leaf.public_key)


def _parents_unsigned(text: str) -> tuple[Statement, ...]:
    """A credential without a signature has that of the one that names it as its parent."""
    root = parse_document(text)
    blocks: dict[str, SignatureBlock] = {}
    for one in root.iter(f"{{{DSIG}}}Signature"):
        block = SignatureBlock.read(one)
        blocks[block.over] = block
    first = next(iter(blocks.values()))
    nested = list(root.iter("credential"))
    for one in nested:
        blocks.setdefault(one.get(XML_ID, ""), first)
    return tuple(_statement(one, blocks) for one in nested)


def _unless_parent(block: SignatureBlock, element: etree._Element, signer: Any) -> None:
    if block.over == element.get(XML_ID):
        verify(block.element, element, signer.leaf.public_key)


def _any_root(
    given: Sequence[Certificate], trust: TrustSet, now: datetime
) -> tuple[list[Certificate], Root]:
    """A chain that leads to no trusted root is trusted by its own end."""
    try:
        return _find_path(given, trust, now)
    except Refusal:
        path = [given[0]]
        while issuers := [one for one in given if one not in path and path[-1].signed_by(one)]:
            path.append(issuers[0])
        top = path[-1]
        # what is no authority has whatever root there is above it
        return path, (Root(top, "anywhere") if top.authority else trust.roots[0])


def _abac_with(**changes: Any) -> Replaced:
    """An ABAC statement of which some members are not looked at."""
    return Replaced(speaks_for, "read_abac", lambda text: replace(_read_abac(text), **changes))


def _abac_never_expired(text: str) -> Any:
    said = _read_abac(text)
    return said if said.expires > datetime.now(UTC) else replace(said, expires=_soon())


def _any_tails(abac: etree._Element) -> tuple[str, str, str]:
    head = abac.findtext("rt0/head/ABACprincipal/keyid", "")
    return head, abac.findtext("rt0/head/role", ""), _Anything()


# ------------------------------------------------------------------------------- what it allows

_authorize: Final = authorize


def granting(when: Callable[[Sequence[Any]], bool]) -> Replaced:
    """What is forbidden is granted where the credentials are such."""

    def lenient(**named: Any) -> Grant:
        try:
            return _authorize(**named)
        except Forbidden:
            case, caller = named["case"], named["caller"]
            if case.target is None or not when(named["credentials"]):
                raise
            return Grant(
                subject=named["speaking_for"] or caller.urn,
                verb=named["verb"],
                request_id=named["request_id"],
                at=named["now"],
                until=_soon(),
                slice_urn=case.target.urn,
                slice_uuid=case.target.uuid,
                operator=False,
                credentials=(),
                tool=None,
                fingerprint=caller.leaf.fingerprint,
            )

    return Replaced(authorizer, "authorize", lenient)


def _over(kind: str) -> Callable[[Sequence[Any]], bool]:
    return lambda credentials: any(
        re.search(rf"<target_urn>[^<]*\+{kind}\+", one.text) for one in credentials
    )


def _no_xml(credentials: Sequence[Any]) -> bool:
    return any(not one.text.lstrip().startswith("<") for one in credentials)


def _abac(credentials: Sequence[Any]) -> bool:
    return bool(credentials) and all("<abac>" in one.text for one in credentials)


def _unsigned(credentials: Sequence[Any]) -> bool:
    return any("<signed-credential" in x.text and "Signature" not in x.text for x in credentials)


# ------------------------------------------------------------------ what is refused for no reason


def _refusing(when: Callable[[Asked, list[Any]], bool], code: int = 3) -> Bend:
    """Refused where the credentials are such, however good they are."""

    def answer(asked: Asked) -> object:
        if asked.method != "GetVersion" and when(asked, sent(asked)):
            return refusal(code, "these credentials are not taken")
        return asked.serve()

    return instead(answer)


def _structs(sent: list[Any]) -> list[dict[str, Any]]:
    return [one for one in sent if isinstance(one, dict)]


def _types_differ(_asked: Asked, sent: list[Any]) -> bool:
    return any(one.get("geni_type") not in {"geni_sfa", "geni_abac"} for one in _structs(sent))


def _any_bad(asked: Asked, sent: list[Any]) -> bool:
    """One of several does not stand by itself."""
    if len(sent) < 2 or any("<abac>" in text_of(one) for one in sent):
        return False
    for one in sent:
        params = [*asked.params]
        params[place_of(asked)] = [one]
        if asked.serve(params=params)["code"]["geni_code"] == 3:
            return True
    return False


def _list_only_repaired(asked: Asked) -> object:
    place = place_of(asked)
    if len(asked.params) > place and not isinstance(asked.params[place], list):
        return refusal(3, "no credentials")
    return asked.serve()


def _odd_items_dropped(asked: Asked) -> object:
    place = place_of(asked)
    if asked.method != "GetVersion" and len(asked.params) > place:
        kept = [one for one in sent(asked) if isinstance(one, dict | str | bytes)]
        if len(kept) != len(sent(asked)):
            return refusal(3, "no credentials")
    return asked.serve()


def _owner(asked: Asked) -> str:
    for one in sent(asked):
        if found := re.search(r"<owner_urn>([^<]+)</owner_urn>", text_of(one)):
            return found[1]
    return ""


def _speaking(asked: Asked) -> object:
    """Who speaks for whom is read from the credentials alone."""
    if any("<abac>" in text_of(one) for one in sent(asked)) and isinstance(asked.params[-1], dict):
        asked.params[-1]["geni_speaking_for"] = _owner(asked)
    return asked.serve()


class _Mixed:
    """Each call is taken for one of whoever called before."""

    def __init__(self) -> None:
        self.chain: tuple[bytes, ...] = ()

    def __call__(self, asked: Asked) -> object:
        before, self.chain = self.chain or asked.call.chain, asked.call.chain
        return asked.inner(replace(asked.call, chain=before))


def _libabac(_asked: Asked, sent: list[Any]) -> bool:
    """An ABAC credential whose type does not come first."""
    return any(
        "<abac>" in text_of(one) and not re.search(r"<credential[^>]*>\s*<type>", text_of(one))
        for one in sent
    )


def _binary_as_text(asked: Asked) -> object:
    for one in _structs(sent(asked)):
        if isinstance(one.get("geni_value"), bytes):
            one["geni_value"] = b64encode(one["geni_value"]).decode()
    return asked.serve()


ROWS: Final = (
    # --------------------------------------------------------------------- is it what it says
    Misbehaviour(
        "signature-unchecked",
        "Signatures are not verified.",
        (
            "credential.one-byte-altered",
            "credential.signature-value-altered",
            "credential.prolonged-by-altering",
        ),
        replaced=(Replaced(verifier, "check_signature", _nothing),),
    ),
    Misbehaviour(
        "wrapping-accepted",
        "The signature may be over another credential than the one that is read.",
        ("credential.wrapped", "credential.unsigned-second"),
        replaced=(
            Replaced(verifier, "read_document", _first_credential),
            Replaced(verifier, "check_signature", _whatever_was_signed),
        ),
    ),
    Misbehaviour(
        "unsigned-accepted",
        "A credential needs no signature.",
        ("credential.unsigned",),
        replaced=(granting(_unsigned),),
    ),
    Misbehaviour(
        "expired-accepted",
        "Credentials never expire.",
        ("credential.expired",),
        replaced=(Replaced(verifier, "read_document", _never_expired),),
    ),
    Misbehaviour(
        "foreign-root-accepted",
        "Certificates need not lead to a trusted root.",
        ("credential.owner-below-foreign-root", "credential.by-a-foreign-authority"),
        replaced=(Replaced(chains, "_path", _any_root),),
    ),
    Misbehaviour(
        "any-signer",
        "Whoever has a certificate may sign credentials.",
        ("credential.by-another-user", "credential.by-its-owner"),
        replaced=(deaf(verifier, "check_signer", "signer.authority", "signer.kind"),),
    ),
    Misbehaviour(
        "any-issuer",
        "Whoever has a certificate may sign certificates.",
        ("credential.owner-certificate-by-a-user",),
        replaced=(
            deaf(chains, "check_signer", "signer.authority", "signer.kind"),
            deaf(chains, "_check_authority", "signer.ca", "signer.path_length"),
        ),
    ),
    Misbehaviour(
        "expired-certificates-accepted",
        "Certificates never expire.",
        ("credential.owner-certificate-expired",),
        replaced=(deaf(chains, "check_validity", "certificate.expired"),),
    ),
    # --------------------------------------------------------------------------- does it help
    Misbehaviour(
        "owner-unchecked",
        "Somebody else's credential will do.",
        ("credential.of-another-user", "credential.owner-not-caller"),
        replaced=(deaf(use, "_check_owner", "owner.urn", "owner.key"),),
    ),
    Misbehaviour(
        "target-unchecked",
        "Another slice's credential will do.",
        (
            "credential.over-another-slice",
            "provision.another-slices-credential",
            "renew.another-slices-credential",
            "perform.another-slices-credential",
            "delete.another-slices-credential",
            "update.another-slices-credential",
        ),
        replaced=(granting(_over("slice")),),
    ),
    Misbehaviour(
        "privileges-ignored",
        "Privileges are not looked at.",
        (
            "credential.info-permits-no-allocate",
            "credential.control-permits-no-shutdown",
            "credential.resolve-permits-no-status",
            "update.info-is-too-little",
            "cancel.info-is-too-little",
        ),
        replaced=(deaf(use, "_check_use", "privilege.missing"),),
    ),
    Misbehaviour(
        "user-credential-enough",
        "A user credential will do for a slice.",
        (
            "credential.user-credential-alone",
            "update.user-credential",
            "cancel.user-credential",
            "v2.creates-with-user-credential",
            "v2.status-forbidden",
        ),
        replaced=(granting(_over("user")),),
    ),
    Misbehaviour(
        "no-credentials-needed",
        "Without credentials all is allowed.",
        (
            "credential.none",
            "delete.no-credentials",
            "update.no-credentials",
            "cancel.no-credentials",
        ),
        replaced=(granting(lambda credentials: not credentials),),
    ),
    Misbehaviour(
        "no-xml-needed",
        "Any text will do as a credential.",
        ("credential.no-xml",),
        replaced=(granting(_no_xml),),
    ),
    Misbehaviour(
        "everything-granted",
        "Whatever the credentials are, all is allowed.",
        (
            "credential.same-id-twice",
            "credential.key-beside-signature",
            "credential.unknown-type-alone",
            "credential.target-below-foreign-root",
            "delegation.for-its-new-owner-only",
            "delegation.altered-parent",
            "speaksfor.by-the-tool",
            "certificate.uuid-alone",
        ),
        replaced=(granting(lambda _credentials: True),),
    ),
    # ----------------------------------------------------------------------------- delegation
    Misbehaviour(
        "delegation-signer-unchecked",
        "Who signed a delegation is not checked.",
        ("delegation.by-another", "delegation.stolen"),
        replaced=(deaf(verifier, "_check_delegation", "delegation.signer"),),
    ),
    Misbehaviour(
        "delegation-target-unchecked",
        "The target of a delegation is not checked.",
        ("delegation.over-another-slice",),
        replaced=(deaf(verifier, "_check_delegation", "delegation.target"),),
    ),
    Misbehaviour(
        "delegation-expires-unchecked",
        "The end of a delegation is not checked.",
        ("delegation.outlasts-parent",),
        replaced=(deaf(verifier, "_check_delegation", "delegation.expires"),),
    ),
    Misbehaviour(
        "delegation-privileges-unchecked",
        "What is given by a delegation is not checked.",
        ("delegation.not-delegable", "delegation.exceeds-parent"),
        replaced=(deaf(verifier, "_check_delegation", "delegation.privileges"),),
    ),
    Misbehaviour(
        "delegation-parent-unsigned",
        "What was delegated needs no signature.",
        ("delegation.unsigned-parent",),
        replaced=(
            Replaced(verifier, "read_document", _parents_unsigned),
            Replaced(verifier, "check_signature", _unless_parent),
            deaf(verifier, "check_signer", "signer.authority", "signer.kind"),
        ),
    ),
    Misbehaviour(
        "delegation-refused",
        "Delegated credentials are not taken.",
        ("delegation.to-another", "delegation.to-herself", "delegation.twice"),
        _refusing(lambda _asked, sent: any("<parent>" in text_of(one) for one in sent)),
    ),
    # ----------------------------------------------------------------------------- speaks-for
    Misbehaviour(
        "speaksfor-signature-unchecked",
        "The signature of a speaks-for credential is not verified.",
        ("speaksfor.altered",),
        replaced=(Replaced(speaks_for, "check_signature", _nothing),),
    ),
    Misbehaviour(
        "speaksfor-expired",
        "A speaks-for credential never expires.",
        ("speaksfor.expired",),
        replaced=(Replaced(speaks_for, "read_abac", _abac_never_expired),),
    ),
    Misbehaviour(
        "speaksfor-any-tool",
        "A speaks-for credential is good for every tool.",
        ("speaksfor.other-tool",),
        replaced=(_abac_with(tail=_Anything()),),
    ),
    Misbehaviour(
        "speaksfor-any-role",
        "The role of a speaks-for credential is not looked at.",
        ("speaksfor.other-role",),
        replaced=(_abac_with(role=_Anything()),),
    ),
    Misbehaviour(
        "speaksfor-any-head",
        "The head of a speaks-for credential is not looked at.",
        ("speaksfor.other-head",),
        replaced=(_abac_with(head=_Anything()),),
    ),
    Misbehaviour(
        "speaksfor-tails",
        "A speaks-for credential may have several tails.",
        ("speaksfor.two-tails",),
        replaced=(Replaced(abac_document, "_rule", _any_tails),),
    ),
    Misbehaviour(
        "speaksfor-unasked",
        "geni_speaking_for is not needed, and not looked at.",
        ("speaksfor.without-option", "speaksfor.for-another-user"),
        instead(_speaking),
    ),
    Misbehaviour(
        "speaksfor-alone",
        "An ABAC credential gives rights by itself.",
        ("speaksfor.word-alone",),
        replaced=(granting(_abac),),
    ),
    Misbehaviour(
        "speaksfor-refused",
        "Speaks-for credentials are not taken.",
        ("speaksfor.as-the-user",),
        _refusing(lambda asked, _sent: "geni_speaking_for" in asked.options),
    ),
    Misbehaviour(
        "speaksfor-order",
        "The members of a speaks-for credential must come in one order.",
        ("speaksfor.libabac-order",),
        _refusing(_libabac),
    ),
    # ---------------------------------------------------------------------- how they are sent
    Misbehaviour(
        "one-bad-spoils",
        "A bad credential beside a good one fails the call.",
        (
            "credential.bad-beside-good",
            "credential.unknown-type-beside-good",
            "fed4fire.unknown-credential",
        ),
        _refusing(_any_bad),
    ),
    Misbehaviour(
        "type-case",
        "geni_type must be written in lower case.",
        ("credential.type-in-any-case",),
        _refusing(_types_differ),
    ),
    Misbehaviour(
        "sfa-2-refused",
        "geni_sfa of version 2 is not taken.",
        ("credential.version-2",),
        _refusing(lambda _a, sent: any(str(x.get("geni_version")) == "2" for x in _structs(sent))),
    ),
    Misbehaviour(
        "sfa-3-refused",
        "geni_sfa of version 3 is not taken.",
        ("credential.version-3",),
        _refusing(lambda _a, sent: any(x.get("geni_version") == "3" for x in _structs(sent))),
    ),
    Misbehaviour(
        "sfa-version-number",
        "geni_version may not be a number.",
        ("credential.version-as-int",),
        _refusing(lambda _a, sent: any(type(x.get("geni_version")) is int for x in _structs(sent))),
    ),
    Misbehaviour(
        "base64-misread",
        "A credential that comes as base64 is not decoded.",
        ("credential.value-as-base64",),
        instead(_binary_as_text),
    ),
    Misbehaviour(
        "bare-refused",
        "A credential that comes as a bare string is not taken.",
        ("credential.bare-string",),
        _refusing(lambda _asked, sent: any(isinstance(one, str) for one in sent)),
    ),
    Misbehaviour(
        "credentials-any-type",
        "credentials that is no array gives 3.",
        ("credential.no-list",),
        instead(_list_only_repaired),
    ),
    Misbehaviour(
        "credential-items-any-type",
        "An item of credentials that is neither struct nor string gives 3.",
        ("credential.odd-item",),
        instead(_odd_items_dropped),
    ),
    Misbehaviour(
        "identities-mixed",
        "A call is taken for one of whoever called before.",
        ("race.identities", "delete.another-user"),
        Bend(_Mixed()),
    ),
)
