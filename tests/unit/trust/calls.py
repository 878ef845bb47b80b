"""A call to `authorize` of which a test states only what matters to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.trust.authorize import authorize
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.grant import Grant, Target
from gcf_am.trust.issue import Identity
from gcf_am.trust.use import Case
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn
from tests.pki import Pki


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate that trusts a federation, as far as `authorize` sees it."""

    pki: Pki
    verifier: Verifier
    operators: frozenset[Urn] = frozenset()
    owners_shut_down: bool = False

    @property
    def trust(self) -> TrustStore:
        return self.verifier.trust

    def call(
        self,
        who: Identity,
        *credentials: str | CredentialArgument,
        needs: Collection[str] = ("createsliver",),
        about: Urn | None = None,
        uuid: str | None = None,
        now: datetime | None = None,
        speaking_for: Urn | None = None,
    ) -> Grant:
        """What `authorize` makes of this call; `about` is the slice of the call."""
        arguments: Sequence[CredentialArgument] = [
            one if isinstance(one, CredentialArgument) else self.pki.argument(one)
            for one in credentials
        ]
        now = now or self.pki.now
        return authorize(
            caller=self.verifier.caller([one.der for one in who.chain], self.pki.now),
            verb="am/3/allocate",
            case=Case(
                needs,
                Target(about, uuid) if about is not None else None,
                self.pki.urn("authority", "am"),
                self.owners_shut_down,
            ),
            credentials=arguments,
            verifier=self.verifier,
            operators=self.operators,
            now=now,
            request_id="r-1",
            speaking_for=speaking_for,
        )
