"""What the draft's change sets N and O say of GetVersion and of names."""

from typing import Final

from gcf_am.conformance.changing import provisioned
from gcf_am.conformance.check import Check, Need, Profile, Severity
from gcf_am.conformance.judged import faultless
from gcf_am.conformance.judging import characters
from gcf_am.conformance.trial import Trial


def am_type_listed(trial: Trial) -> None:
    faults = characters.am_type(trial.version)
    faultless(trial, "geni_am_type is a list of at least one alphanumeric text", faults)


def am_types_agree(trial: Trial) -> None:
    code = trial.version_answer.raw["code"]
    faults = characters.types_agree(code, trial.version)
    faultless(trial, "am_type of the return struct is one of geni_am_type", faults)


def am_types_agree_when_refused(trial: Trial) -> None:
    answer = trial.call("Status", [], [], {})
    code = answer.raw.get("code", {}) if isinstance(answer.raw, dict) else {}
    faults = characters.types_agree(code, trial.version)
    faultless(trial, "am_type of a refusal is one of geni_am_type", faults)


def code_version(trial: Trial) -> None:
    if "geni_am_code_version" not in trial.version:
        trial.skip("geni_am_code_version is not shown, which operators may choose")
    faults = characters.code_version(trial.version)
    faultless(trial, "letters, digits, space and - . : # _ + ( )", faults)


def rspec_versions(trial: Trial) -> None:
    faults = characters.rspec_versions(trial.version)
    faultless(trial, "type and version of RSpecs are letters, digits and - _ . :", faults)


def credential_types(trial: Trial) -> None:
    faults = characters.credential_types(trial.version)
    faultless(trial, "geni_type is letters, digits and - _ . :", faults)


def unicode_boolean(trial: Trial) -> None:
    if "geni_unicode_compliant" not in trial.version:
        trial.skip("geni_unicode_compliant is not told, which means false")
    faults = characters.unicode_compliance(trial.version)
    faultless(trial, "geni_unicode_compliant is a boolean", faults)


def ascii_version(trial: Trial) -> None:
    if trial.version.get("geni_unicode_compliant") is True:
        trial.skip("geni_unicode_compliant is true: texts may be Unicode")
    faults = characters.beyond_ascii(trial.version)
    faultless(trial, "GetVersion's texts are ASCII", faults)


def ascii_slivers(trial: Trial) -> None:
    if trial.version.get("geni_unicode_compliant") is True:
        trial.skip("geni_unicode_compliant is true: texts may be Unicode")
    told = provisioned(trial).before
    faultless(trial, "the texts of slivers are ASCII", characters.beyond_ascii(told))


def sliver_names(trial: Trial) -> None:
    faults = characters.sliver_urns(provisioned(trial).before)
    faultless(trial, "slivers' names are letters, digits and - _ .", faults)


def statuses(trial: Trial) -> None:
    faults = characters.statuses(provisioned(trial).before)
    faultless(trial, "geni_operational_status is letters, digits and _", faults)


_DRAFT: Final = frozenset({Profile.V4_DRAFT})
_WRITES: Final = (Need.WRITES,)
MUST: Final = Severity.MUST

CHECKS: Final = (
    Check("draft.am-type-listed", "GetVersion", "geni_am_type lists what kind of aggregate this is", "AM API draft, Change Set N2; R042", MUST, am_type_listed, _DRAFT),
    Check("draft.am-types-agree", "GetVersion", "am_type of a return struct is a type that is listed", "AM API draft, Change Set N3; R018", MUST, am_types_agree, _DRAFT),
    Check("draft.am-types-agree-when-refused", "Status", "am_type of a refusal is a type that is listed", "AM API draft, Change Set N3; R018", MUST, am_types_agree_when_refused, _DRAFT),
    Check("draft.code-version-characters", "GetVersion", "geni_am_code_version has legal characters", "AM API draft, Change Set N1; R043", MUST, code_version, _DRAFT),
    Check("draft.rspec-version-characters", "GetVersion", "RSpec types and versions have legal characters", "AM API draft, Change Set O2; R045", MUST, rspec_versions, _DRAFT),
    Check("draft.credential-type-characters", "GetVersion", "Credential types have legal characters", "AM API draft, Change Set O2", MUST, credential_types, _DRAFT),
    Check("draft.unicode-boolean", "GetVersion", "geni_unicode_compliant is true or false", "AM API draft, Change Set O3; R044", MUST, unicode_boolean, _DRAFT),
    Check("draft.ascii-version", "GetVersion", "Without geni_unicode_compliant GetVersion is ASCII", "AM API draft, Change Set O3", MUST, ascii_version, _DRAFT),
    Check("draft.ascii-slivers", "Status", "Without geni_unicode_compliant what is told of slivers is ASCII", "AM API draft, Change Set O3", MUST, ascii_slivers, _DRAFT, _WRITES),
    Check("draft.sliver-names", "Status", "Slivers' names have legal characters", "AM API draft, Change Set O1; R052", MUST, sliver_names, _DRAFT, _WRITES),
    Check("draft.operational-statuses", "Status", "Operational statuses have legal characters", "AM API draft, Change Set O2; R056", MUST, statuses, _DRAFT, _WRITES),
)  # fmt: skip
