"""What `gcf-am trust` does."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gcf_am.app.fetching import fetch
from gcf_am.app.material import trust_of
from gcf_am.clock import format_time
from gcf_am.config import read_config
from gcf_am.errors import ConfigError, GcfAmError
from gcf_am.trust.denied import FILE, Denied
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.terms import FILE as TERMS


def told(home: Path) -> dict[str, Any]:
    """Roots, revocation lists, denials, and what is wrong with the files; for a table or JSON."""
    store = trust_of(read_config(home))
    trusted, now = store.current(), datetime.now(UTC)
    return {
        "roots": [
            {
                "urn": str(root.urn),
                "namespaces": ", ".join(":".join(parts) for parts in root.namespaces),
                "from": root.file,
                "until": format_time(root.certificate.not_after),
                "terms": root.terms.told,
                "sha256": root.certificate.fingerprint,
            }
            for root in trusted.roots
        ],
        "lists": [
            {
                "issuer": one.issuer.rfc4514_string(),
                "revoked": len(one.serials),
                "next_update": "never" if one.next_update is None else format_time(one.next_update),
                "stale": one.stale(now),
            }
            for one in trusted.revocations.lists
        ],
        "denied": trusted.denied.text.splitlines(),
        "problems": list(store.problems),
    }


def add_denial(home: Path, item: str, because: str) -> Path:
    """Write an item into the file of denials; raises ConfigError for what is none."""
    config = read_config(home)
    try:
        denied = Denied.read(item.encode())
    except Refusal as refusal:
        raise ConfigError(str(refusal)) from None
    if not denied.text:
        raise ConfigError("there is nothing to deny: a URN, a SHA-256 sum, or serial NUMBER")
    file = config.path(config.trust.roots) / FILE
    before = file.read_text("utf-8") if file.exists() else ""
    remark = f"  # {' '.join(because.split())}" if because.strip() else ""
    lines = [*before.splitlines(), f"{item}{remark}"]
    new = file.with_name(f"{FILE}.new")
    new.write_text("\n".join(lines) + "\n", "utf-8")
    new.replace(file)  # nobody reads half of it
    return file


def fetch_now(home: Path, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Fetch from sources; yields each one's name and what was wrong, or the empty string."""
    config = read_config(home)
    store = trust_of(config)
    sources = store.current().sources
    unknown = [name for name in names if name not in sources]
    if unknown or not sources:
        there = ", ".join(sources) or "none"
        raise ConfigError(f"{TERMS} has no [source.{(unknown or ['NAME'])[0]}]; there is {there}")
    for name in names or sources:
        try:
            problems = fetch(config, name, sources[name], store, datetime.now(UTC))
            yield name, "; ".join(problems)
        except (GcfAmError, OSError) as error:
            yield name, str(error)
