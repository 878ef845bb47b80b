"""Small advertisements."""

from collections.abc import Iterable

_HEAD = '<rspec xmlns="http://www.geni.net/resources/rspec/3" type="advertisement">'


def manager(authority: str) -> str:
    return f"urn:publicid:IDN+{authority}+authority+am"


def node(
    name: str,
    *,
    at: tuple[float, float] | None = None,
    authority: str = "a",
    more: str = "",
    exclusive: bool = True,
    now: bool = True,
    country: str = "BE",
) -> str:
    place = f'<location country="{country}" latitude="{at[0]}" longitude="{at[1]}"/>' if at else ""
    return (
        f'<node component_id="urn:publicid:IDN+{authority}+node+{name}" component_name="{name}" '
        f'component_manager_id="{manager(authority)}" exclusive="{str(exclusive).lower()}">'
        f'{place}<available now="{str(now).lower()}"/>{more or _SLIVER}'
        f'<interface component_id="urn:publicid:IDN+{authority}+interface+{name}:eth0"/></node>'
    )


_SLIVER = (
    '<hardware_type name="pc"/><sliver_type name="raw-pc">'
    '<disk_image name="urn:publicid:IDN+a+image+debian"/></sliver_type>'
)


def link(
    one: str, other: str, *, capacity: int = 1_000_000, latency: str = "", authority: str = "a"
) -> str:
    ends = [f"urn:publicid:IDN+{authority}+interface+{name}:eth0" for name in (one, other)]
    refs = "".join(f'<interface_ref component_id="{end}"/>' for end in ends)
    told = f'latency="{latency}"' if latency else ""
    return (
        f'<link component_id="urn:publicid:IDN+{authority}+link+{one}-{other}">{refs}'
        f'<property source_id="{ends[0]}" dest_id="{ends[1]}" capacity="{capacity}" {told}/></link>'
    )


def advertisement(parts: Iterable[str]) -> str:
    return f"{_HEAD}{''.join(parts)}</rspec>"
