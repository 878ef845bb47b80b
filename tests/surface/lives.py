"""Lives that elements of a test's surface have; releases that never were."""

from dataclasses import replace
from typing import Any, Final

import pytest

from gcf_am.cli.stats import count
from gcf_am.surface.elements import ApiVersion, Method
from gcf_am.surface.lifecycle import Lifecycle, deprecated, prototype, published, removed
from gcf_am.surface.releases import Release

R1, R2, R3, R4 = (Release(place, f"{place}.0") for place in range(1, 5))
_OLD = (published(R1, "It was new."), deprecated(R2, "It is slow.", "am/3/Status"))
NEW: Final = Lifecycle(published(R1, "It was new."))
TRIAL: Final = Lifecycle(prototype(R1, "Try it."))
OLD: Final = Lifecycle(*_OLD)
GONE: Final = Lifecycle(*_OLD, removed(R4, "It is unsafe.", "am/3/Status"))


def among(version: ApiVersion, *methods: Method, **changes: Any) -> ApiVersion:
    """A version of the API in which methods of these names are these."""
    by_name = {one.name: one for one in methods}
    changed = tuple(by_name.get(one.name, one) for one in version.methods)
    return replace(version, methods=changed, **changes)


def counted(caplog: pytest.LogCaptureFixture) -> dict[str, dict[str, int]]:
    """The uses that `gcf-am stats` counts of the log."""
    return count(f" {one.name}: {one.getMessage()}" for one in caplog.records).uses
