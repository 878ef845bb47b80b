"""Which component managers are this aggregate."""

from gcf_am.urn import Urn


def is_ours(component_manager: Urn, manager: Urn) -> bool:
    """Whether the URN names this aggregate: its authority, as `am` or by the older name `cm`.

    Source: AM API v3 testbeds advertise either (R266).
    """
    return component_manager in {
        Urn.of(manager.authority, "authority", "am"),
        Urn.of(manager.authority, "authority", "cm"),
    }
