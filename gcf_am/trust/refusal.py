"""Why a certificate or credential is not believed."""

from gcf_am.errors import CREDENTIAL_INVALID, GcfAmError


class Refusal(GcfAmError):
    """A certificate or credential is refused.

    `rule` is a stable name for logs and tests (`signature.key_value`), the text is for the
    person who sent it, `am_code` one of 20 to 23 of the geni-error-codes registry.
    """

    def __init__(self, rule: str, message: str, am_code: int = CREDENTIAL_INVALID) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.am_code = am_code
