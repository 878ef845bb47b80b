from collections.abc import Callable
from pathlib import Path

import pytest

from gcf_am.trust.credentials import Credential
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.verifier import Verifier
from tests.pki import NOW, Pki
from tests.security.credentials.forge import Forgery

Judge = Callable[[str], str]


@pytest.fixture
def pki() -> Pki:
    return Pki()


@pytest.fixture
def verifier(pki: Pki, tmp_path: Path) -> Verifier:
    return pki.verifier(tmp_path / "trusted_roots")


@pytest.fixture
def genuine(pki: Pki) -> str:
    """Alice's credential over the slice s1."""
    return pki.slice_credential(pki.user("alice"), pki.slice("s1"))


@pytest.fixture
def forgery(genuine: str) -> Forgery:
    return Forgery(genuine)


@pytest.fixture
def rule(verifier: Verifier) -> Judge:
    """Which rule refuses a credential, or "accepted"."""

    def judge(text: str) -> str:
        try:
            found = verifier.credential(text, NOW)
        except Refusal as refusal:
            return refusal.rule
        assert isinstance(found, Credential)
        return "accepted"

    return judge
