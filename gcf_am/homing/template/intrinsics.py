"""get_param and get_file, put in place. Source: template guide, Intrinsic Functions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from gcf_am.homing.finding import Finding, TemplateErrors, nearest
from gcf_am.homing.template.document import Document, Path

_FUNCTIONS: Final = frozenset({"get_param", "get_file"})
# Parameters may be named again and again.
_MOST_VALUES: Final = 100_000


class Unresolved:
    """Stands for a value that could not be found; what is wrong was told."""


UNRESOLVED: Final = Unresolved()


@dataclass(slots=True)
class Resolver:
    """Puts values in the place of functions. Findings are kept, for one answer."""

    document: Document
    parameters: Mapping[str, object]
    files: Mapping[str, str]
    findings: list[Finding]
    _seen: int = field(default=0)

    def resolve(self, value: object, path: Path) -> object:
        """The value with every function in it replaced."""
        self._seen += 1
        if self._seen > _MOST_VALUES:
            message = f"with its parameters in place it has more than {_MOST_VALUES} values"
            raise TemplateErrors([Finding.at(self.document.where(path), message)])
        if isinstance(value, list):
            return [self.resolve(one, (*path, number)) for number, one in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if _FUNCTIONS.isdisjoint(value):
            return {name: self.resolve(one, (*path, name)) for name, one in value.items()}
        if len(value) > 1:
            return self._mistake(path, "a function is the only key of its map")
        ((name, argument),) = value.items()
        return self._param(argument, path) if name == "get_param" else self._file(argument, path)

    def _param(self, argument: object, path: Path) -> object:
        steps = argument if isinstance(argument, list) else [argument]
        if not steps or any(isinstance(one, dict | list) or one is None for one in steps):
            return self._mistake(
                path, "get_param wants a name, or a list of a name, keys and indices"
            )
        value: object = dict(self.parameters)
        for number, step in enumerate(steps):
            found = _step(value, step)
            if found is UNRESOLVED:
                names = sorted(value) if isinstance(value, dict) else []
                what = "parameter" if number == 0 else "key or index"
                message = f"there is no {what} {str(step)[:60]!r}"
                if number:
                    message += f" in {'.'.join(str(one) for one in steps[:number])[:80]}"
                return self._mistake(path, message, nearest(str(step), names))
            value = found
        return self._counted(value, path)

    def _counted(self, value: object, path: Path) -> object:
        """A parameter as it stands: functions in it are not looked for, but it counts."""
        self._seen += _size(value)
        if self._seen > _MOST_VALUES:
            return self._mistake(
                path, f"with its parameters it has more than {_MOST_VALUES} values"
            )
        return value

    def _file(self, argument: object, path: Path) -> object:
        if not isinstance(argument, str):
            return self._mistake(path, "get_file wants a path or URL as it stands in files")
        found = file_named(argument, self.files)
        if found is None:
            return self._mistake(
                path, f"files has no {argument[:120]!r}", nearest(argument, self.files)
            )
        return found

    def _mistake(self, path: Path, message: str, hint: str = "") -> Unresolved:
        self.findings.append(Finding.at(self.document.where(path), message, hint))
        return UNRESOLVED


def file_named(name: str, files: Mapping[str, str]) -> str | None:
    """The content of this key, or of the one file:// key that a relative path became."""
    if name in files:
        return files[name]
    tail = "/" + name.removeprefix("./")
    found = [key for key in files if key.startswith("file://") and key.endswith(tail)]
    return files[found[0]] if len(found) == 1 else None


def _step(value: object, step: object) -> object:
    if isinstance(value, dict):
        return value.get(str(step), UNRESOLVED)
    if isinstance(value, list) and str(step).isdecimal() and int(str(step)) < len(value):
        return cast("list[object]", value)[int(str(step))]
    return UNRESOLVED


def _size(value: object) -> int:
    """How many values it holds, no more than are allowed."""
    waiting, count = [value], 0
    while waiting and count <= _MOST_VALUES:
        one = waiting.pop()
        count += 1
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return count
