"""From a call to its grant: who calls, about which slice, with which right."""

from dataclasses import dataclass

from gcf_am.errors import Forbidden, SearchFailed
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.selection import target_of
from gcf_am.surface.decoding import Arguments
from gcf_am.surface.elements import Method
from gcf_am.trust.authorize import authorize
from gcf_am.trust.caller import Caller
from gcf_am.trust.grant import Grant, Target
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.use import Case
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn
from gcf_am.xmlrpc.call import Call


@dataclass(frozen=True, slots=True)
class Authorizer:
    """Authorises calls for one aggregate.

    `owners_shut_down` tells whether slice owners may call Shutdown (decision 17).
    """

    am: Aggregate
    verifier: Verifier
    owners_shut_down: bool = False

    def caller(self, call: Call) -> Caller:
        """The TLS peer under its name; raises Forbidden when it has none that we believe."""
        try:
            return self.verifier.caller(call.chain, self.am.clock.now())
        except Refusal as refusal:
            raise Forbidden(
                f"your certificate: {refusal.message}",
                am_code=refusal.am_code,
                reason=refusal.rule,
            ) from None

    def name(self, call: Call) -> str:
        """The caller's URN for the log, `-` where it has none."""
        try:
            return self.caller(call).urn.text
        except Forbidden:
            return "-"

    def grant(self, method: Method, arguments: Arguments, call: Call) -> Grant:
        """The right to make this call; raises Forbidden with the reason.

        The order keeps secrets: syntax came first, then slivers are looked up, then credentials
        are judged, and only who passes learns whether anything is here (AM API facts 6).
        """
        assert method.needs is not None, "a method without credentials needs no grant"
        caller = self.caller(call)
        target = self._target(arguments)
        needs = method.needs
        if method.needs_on_slice and target is not None:
            needs = method.needs_on_slice
        grant = authorize(
            caller=caller,
            verb=method.name,
            case=Case(needs, target, self.am.urn, self.owners_shut_down),
            credentials=arguments.credentials,
            verifier=self.verifier,
            operators=self.am.operators,
            now=self.am.clock.now(),
            request_id=call.request_id,
            speaking_for=arguments.speaking_for,
        )
        if needs and grant.slice_urn is None:
            # An operator, whose right names no slice, named slivers that nobody knows.
            raise SearchFailed("no such sliver here")
        return grant

    def _target(self, arguments: Arguments) -> Target | None:
        named = {**arguments.options, **arguments.positional}
        slice_urn, urns = (named.get(name) for name in ("slice_urn", "urns"))
        if isinstance(slice_urn, Urn):
            return Target(slice_urn)
        return target_of(self.am, urns) if isinstance(urns, tuple) else None
