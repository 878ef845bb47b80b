"""One check being tried: the aggregate as it may be asked, and how to say that a rule held."""

from dataclasses import dataclass, field

from gcf_am.conformance.verdict import Exchange, Failed


@dataclass
class Trial:
    """What a check's `run` is handed; everything that is asked through it is written down."""

    exchanges: list[Exchange] = field(default_factory=list)

    def expect(self, held: bool, expected: str, got: object) -> None:
        """Raise Failed with these words, unless the rule held."""
        if not held:
            raise Failed(expected, str(got))
