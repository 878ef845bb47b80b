"""From what the files of the directory say to all that is trusted."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from gcf_am.trust.certificates import Certificate
from gcf_am.trust.denied import Denied
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.revocation import Revocations
from gcf_am.trust.roots import Root, TrustSet, settle
from gcf_am.trust.terms import FILE, RootsFile, Terms
from gcf_am.trust.trust_file import TrustFile
from gcf_am.urn import Urn


def assemble(
    files: Mapping[str, TrustFile], sha1: Collection[str], present: Collection[Certificate]
) -> tuple[TrustSet, list[str]]:
    """The trust set of these files, by their names, and why some of what they hold is refused.

    `sha1` are names of files below whose roots SHA-1 is accepted, `present` the roots in force
    until now. Raises ConfigError when two of those come to overlap.
    """
    settings = next((one.settings for one in files.values() if one.settings), RootsFile())
    problems = [f"{name}: {one}" for name, file in files.items() for one in file.problems]
    candidates = list(_candidates(files, settings, sha1, problems))
    roots, rivals = settle(candidates, present)
    unused = _unused(settings, roots)
    lists, denied = without_roots(files)
    return TrustSet(roots, lists, denied, settings.sources), [*problems, *rivals, *unused]


def without_roots(files: Mapping[str, TrustFile]) -> tuple[Revocations, Denied]:
    """What takes trust away."""
    lists = tuple(one for file in files.values() for one in file.lists)
    return Revocations(lists), next((one.denied for one in files.values() if one.denied), Denied())


def _candidates(
    files: Mapping[str, TrustFile],
    settings: RootsFile,
    sha1: Collection[str],
    problems: list[str],
) -> Iterator[Root]:
    """Every root on its terms; the operator's own come first."""
    for name, file in sorted(files.items(), key=lambda one: (one[1].source, one[0])):
        for one in file.certificates:
            try:
                yield Root(one, name, _terms(settings, name, file.source, sha1, one), file.source)
            except Refusal as refusal:
                problems.append(f"{name}: {refusal}")


def _terms(
    settings: RootsFile, name: str, source: str, sha1: Collection[str], one: Certificate
) -> Terms:
    terms = settings.terms.get(one.named) or settings.terms.get(name) or Terms()
    if name in sha1:
        terms = replace(terms, sha1=True)
    if not source:
        return terms
    if source not in settings.sources:
        raise Refusal("fetched.source", f"{FILE} has no [source.{source}] any more")
    # no terms give a root what its source may not tell of
    return replace(terms, namespaces=settings.sources[source].namespaces)


def _unused(settings: RootsFile, roots: Iterable[Root]) -> list[str]:
    known: set[str | Urn] = {one for root in roots for one in (root.file, root.urn)}
    return [f"{FILE}: [root.{one}] is no root that is trusted here"
            for one in settings.terms if one not in known]  # fmt: skip
