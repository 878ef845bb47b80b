"""What OR-Tools CP-SAT says about an instance: the whole problem, put as equations."""

from ortools.sat.python import cp_model

from gcf_am.model.site import Host, Port, Site
from gcf_am.model.topology import Link, Node
from tests.properties.mapper.instances import Instance

# CP-SAT's own measure of work, the same on every machine; some seconds of it.
MOST = 20.0


def fits(one: Instance) -> bool | None:
    """Whether the request can be placed; None when CP-SAT does not find out."""
    model = Model(one)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = MOST
    status = solver.solve(model.model)
    return {cp_model.OPTIMAL: True, cp_model.FEASIBLE: True, cp_model.INFEASIBLE: False}.get(status)


class Model:
    """The equations, for sites whose wires have two ends, of which one at least is a switch's."""

    def __init__(self, one: Instance) -> None:
        self.model = cp_model.CpModel()
        self.site, self.held = one.site, one.held
        self.nodes = [some for some in one.request if isinstance(some, Node)]
        self.links = [some for some in one.request if isinstance(some, Link)]
        self.hosts = [some for some in self.site.hosts if some.sliver_types]
        self.load: dict[tuple[str, str], list[cp_model.LinearExprT]] = {}
        self.at = {
            (n, host.component_id): self._bool()
            for n, node in enumerate(self.nodes)
            for host in self.hosts
            if suits(host, node)
        }
        self._seats()
        number = {end.client_id: n for n, node in enumerate(self.nodes) for end in node.interfaces}
        for link in self.links:
            self._link(link, [number[end] for end in link.interfaces])
        for key, terms in self.load.items():
            limit = limit_of(self.site, key)
            if limit is not None:
                self.model.add(sum(terms) <= limit - self.held.get(key, 0))

    def _bool(self) -> cp_model.IntVar:
        return self.model.new_bool_var("")

    def _takes(self, key: tuple[str, str], amount: int, variable: cp_model.IntVar) -> None:
        if amount:
            self.load.setdefault(key, []).append(amount * variable)

    def _seats(self) -> None:
        """Each node is on one host; hosts have so many slots, and so much of what adds up."""
        for n, node in enumerate(self.nodes):
            self.model.add(
                sum(
                    self.at[n, h.component_id] for h in self.hosts if (n, h.component_id) in self.at
                )
                == 1
            )
            for host in self.hosts:
                name = host.component_id
                if (n, name) not in self.at:
                    continue
                here = self.at[n, name]
                self._takes((name, "slots"), host.slots if host.exclusive else 1, here)
                for desire in node.desires:
                    if desire.adds:
                        self._takes((name, f"feature:{desire.name}"), desire.amount, here)

    def _link(self, link: Link, members: list[int]) -> None:
        """A link stays within a shared host where all its nodes are, or uses ports and trunks."""
        within = {}
        for host in self.hosts:
            name = host.component_id
            if not host.exclusive and all((n, name) in self.at for n in members):
                within[name] = self._bool()
                self.model.add_min_equality(within[name], [self.at[n, name] for n in members])
                self._takes((name, "bandwidth"), link.capacity, within[name])
        # who enters where, by node, then by switch
        enters: list[dict[str, list[cp_model.IntVar]]] = [{} for _ in members]
        for host in self.hosts:
            self._ports(link, members, host, within.get(host.component_id), enters)
        used: dict[str, list[cp_model.IntVar]] = {}
        for place in range(1, len(members)):
            self._flow(enters[0], enters[place], used)
        for trunk, flows in used.items():
            some = self._bool()
            self.model.add_max_equality(some, flows)
            for component in (trunk, *self.site.wire[trunk].ports):
                self._takes((component, "bandwidth"), link.capacity, some)

    def _ports(
        self,
        link: Link,
        members: list[int],
        host: Host,
        within: cp_model.IntVar | None,
        enters: list[dict[str, list[cp_model.IntVar]]],
    ) -> None:
        """Each end has a port on its host: its own on an exclusive one, all the same on another."""
        name = host.component_id
        here = [place for place, n in enumerate(members) if (n, name) in self.at]
        ends: dict[int, list[cp_model.IntVar]] = {place: [] for place in here}
        once = []
        for port in host.ports:
            wire = next(one for one in self.site.wires if port.component_id in one.ports)
            far = next(one for one in wire.ports if one != port.component_id)
            uses = []
            for place in here:
                end = self._bool()
                ends[place].append(end)
                uses.append(end)
                switch = self.site.host_of_port[far].component_id
                enters[place].setdefault(switch, []).append(end)
            if not uses:
                continue
            if host.exclusive:
                for end in uses:
                    self._takes((port.component_id, "port"), 1, end)
                    for component in (port.component_id, far, wire.component_id):
                        self._takes((component, "bandwidth"), link.capacity, end)
                continue
            some = self._bool()
            self.model.add_max_equality(some, uses)
            once.append(some)
            for component in (port.component_id, far, wire.component_id):
                self._takes((component, "bandwidth"), link.capacity, some)
        if once:
            self.model.add(sum(once) <= 1)
        for place in here:
            stays = 0 if within is None else within
            self.model.add(sum(ends[place]) == self.at[members[place], name] - stays)

    def _flow(
        self,
        source: dict[str, list[cp_model.IntVar]],
        goal: dict[str, list[cp_model.IntVar]],
        used: dict[str, list[cp_model.IntVar]],
    ) -> None:
        """From the switch of the first end a way over trunks to that of another."""
        out: dict[str, list[cp_model.LinearExprT]] = {}
        switches = [one.component_id for one in self.site.hosts if one.switch]
        for wire in self.site.wires:
            one, other = (self.site.host_of_port[port] for port in wire.ports)
            if not (one.switch and other.switch):
                continue
            there, back = self._bool(), self._bool()
            used.setdefault(wire.component_id, []).extend([there, back])
            out.setdefault(one.component_id, []).extend([there, -back])
            out.setdefault(other.component_id, []).extend([back, -there])
        for switch in switches:
            self.model.add(
                sum(out.get(switch, [])) == sum(source.get(switch, [])) - sum(goal.get(switch, []))
            )


def suits(host: Host, node: Node) -> bool:
    """Whether a host is of the kind that a node wants."""
    has = {one.name for one in host.features}
    return (
        host.available
        and (host.exclusive or not node.exclusive)
        and node.component_id in {None, host.component_id}
        and (not node.hardware_types or bool({*node.hardware_types} & {*host.hardware_types}))
        and all(one.name in has for one in node.desires)
    )


def limit_of(site: Site, key: tuple[str, str]) -> int | None:
    """How much there is of something; None for any amount."""
    component, dimension = key
    if dimension == "slots":
        return site.host[component].slots
    if dimension == "port":
        return 1
    if dimension.startswith("feature:"):
        return site.features[component][dimension.removeprefix("feature:")].amount
    if component in site.host:
        return site.host[component].loopback
    if component in site.wire:
        return site.wire[component].capacity
    port: Port = next(
        one for one in site.host_of_port[component].ports if one.component_id == component
    )
    return port.capacity
