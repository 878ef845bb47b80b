"""Whatever is done to a credential, it says what it said, or it is refused."""

import copy
from typing import Final

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from gcf_am import safexml
from gcf_am.trust.credentials import Credential
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.verifier import verify_credential
from tests.pki import NOW, Pki

PROPERTY = settings(
    derandomize=True,
    deadline=None,
    max_examples=250,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no finding
)
Meaning = tuple[object, ...]


def _genuine(pki: Pki) -> tuple[str, ...]:
    """Credentials of several people, whose parts a forger may mix."""
    alice, bob, s1, s2 = pki.user("alice"), pki.user("bob"), pki.slice("s1"), pki.slice("s2")
    first = pki.slice_credential(alice, s1)
    return (
        first,
        pki.delegated(first, alice, bob, privileges=["control"], delegatable=False),
        pki.slice_credential(bob, s2, privileges=["info"]),
        pki.user_credential(alice),
    )


def _meaning(credential: Credential) -> Meaning:
    """All that anybody acts on."""
    return (
        credential.owner.leaf,
        credential.target.leaf,
        credential.signer.leaf,
        credential.privileges,
        credential.expires,
        _meaning(credential.parent) if credential.parent is not None else (),
    )


def judge(text: str) -> Meaning | None:
    """What the text means; None when it is refused. Nothing else may come out."""
    try:
        return _meaning(verify_credential(text, TRUST, NOW))
    except Refusal:
        return None


PKI: Final = Pki()
TRUST: Final = PKI.trust()
GENUINE: Final = _genuine(PKI)
MEANINGS: Final = [judge(text) for text in GENUINE]
# What leaves no trace in the tree leaves the meaning alone
INSERTS: Final = ("", " ", "\n", "\t", "<!---->", "<?x?>", "<x/>", "&#32;", "<![CDATA[a]]>", "]]>")

which = st.integers(0, len(GENUINE) - 1)


def test_the_originals_are_accepted() -> None:
    assert None not in MEANINGS


@PROPERTY
@given(which, st.data())
def test_changed_characters(which: int, data: st.DataObject) -> None:
    text = GENUINE[which]
    start = data.draw(st.integers(0, len(text) - 1))
    end = min(len(text), start + data.draw(st.integers(0, 60)))
    middle = data.draw(
        st.text(max_size=8) | st.sampled_from(INSERTS) | st.just(text[start:end] * 2)
    )
    assert judge(text[:start] + middle + text[end:]) in {None, MEANINGS[which]}


@PROPERTY
@given(which, which, st.data())
def test_moved_copied_and_mixed_elements(first: int, second: int, data: st.DataObject) -> None:
    """Parts of one genuine credential go into another, or elsewhere in their own."""
    root, other = safexml.parse(GENUINE[first]), safexml.parse(GENUINE[second])
    places, parts = list(root.iter()), list(other.iter())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places))
        part = copy.deepcopy(data.draw(st.sampled_from(parts)))
        part.tail = None
        match data.draw(st.sampled_from(["replace", "insert", "append", "delete", "text"])):
            case "replace" if (parent := place.getparent()) is not None:
                parent.replace(place, part)
            case "insert":
                place.insert(0, part)
            case "append":
                place.append(part)
            case "delete" if (parent := place.getparent()) is not None:
                parent.remove(place)
            case _:
                place.text = part.text
    result = judge(etree.tostring(root, encoding="unicode"))
    assert result is None or result in MEANINGS


@PROPERTY
@given(which, st.data())
def test_changed_attributes(which: int, data: st.DataObject) -> None:
    root = safexml.parse(GENUINE[which])
    element = data.draw(st.sampled_from(list(root.iter())))
    known = {str(name) for each in root.iter() for name in each.attrib}
    values = {each.get(name, "") for each in root.iter() for name in known}
    name = data.draw(st.sampled_from(sorted(known | {"Id", "ID", "id", "Type"})))
    element.set(name, data.draw(st.sampled_from(sorted(values)) | st.text("ref0#Sig_", max_size=6)))
    assert judge(etree.tostring(root, encoding="unicode")) in {None, MEANINGS[which]}


@PROPERTY
@given(st.text(max_size=200))
@example("<signed-credential/>")
@example("<signed-credential><credential/></signed-credential>")
def test_any_text_at_all(text: str) -> None:
    assert judge(text) is None
