"""What is wrong with a plan is told before it is taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gcf_am.client.credential_file import UnreadableCredential, read_credential
from gcf_am.clock import Clock
from gcf_am.homing.api.errors import BadRequest
from gcf_am.homing.plans.plan import Asked
from gcf_am.homing.reserve.bearing import readable, slice_of
from gcf_am.homing.reserve.wanted import Wanted, wanted_of
from gcf_am.homing.terms import Template
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn

_ABAC = "geni_abac"


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges what is asked for, without asking any aggregate. `service` is Homing's own URN."""

    read: Callable[[str, Mapping[str, str]], Template]
    verifier: Verifier
    clock: Clock
    service: Urn

    def __call__(self, asked: Asked) -> None:
        """Raise TemplateErrors for a template that cannot be used, BadRequest for credentials
        that are not the caller's, or that reservations lack.
        """
        # first, as a wrong template may be taken all the same (late errors)
        for number, one in enumerate(asked.credentials):
            try:
                read_credential(one["geni_value"])
                self._require_owners(asked, one)
            except (UnreadableCredential, Refusal) as error:
                raise BadRequest(f"-> credentials -> {number}: {error}") from None
        wanted = wanted_of(self.read(asked.template, asked.files), all_demands=asked.reserve)
        self._require_means(asked, wanted)

    def _require_owners(self, asked: Asked, one: Mapping[str, str]) -> None:
        """Whoever gets hold of what was delegated to us must not use us to use it.

        A speaks-for credential is judged by aggregates, against the caller's name.
        """
        if one["geni_type"].lower() == _ABAC:
            return
        found = self.verifier.credential(one["geni_value"], self.clock.now())
        owner = Urn.parse(asked.owner)
        if found.owner.urn == owner:
            return
        by = found.parent.owner.urn if found.parent is not None else None
        if found.owner.urn != self.service or by != owner:
            raise UnreadableCredential(
                f"it is for {found.owner.urn}; it must be yours, or delegated by you to "
                f"{self.service}"
            )

    def _require_means(self, asked: Asked, wanted: tuple[Wanted, ...]) -> None:
        if not wanted:
            return
        if not asked.credentials:
            raise BadRequest(
                "-> credentials are needed to reserve: a slice credential that you delegate to "
                f"{self.service}, or yours with a speaks-for credential"
            )
        if not slice_of(readable(asked.credentials)) and not all(one.slice_urn for one in wanted):
            raise BadRequest("-> credentials hold none of a slice, and no slice_urn is told")
