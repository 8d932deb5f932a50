"""Hides in which row of its band each node stands: the longest way straight, branches packed around it."""

from dataclasses import dataclass

from engine.bpmn.layout.columns import Order
from engine.bpmn.layout.shapes import Flow, Node, Scope

Cells = dict[tuple[int, int, int], "Run"]  # (lane, row, column) -> who stands there


@dataclass(eq=False)
class Run:
    """Nodes that follow each other inside one band and so share a row."""

    nodes: list[Node]
    main: bool
    row: int = 0
    placed: bool = False

    @property
    def lane(self) -> int:
        return self.nodes[0].lane

    @property
    def columns(self) -> range:
        return range(self.nodes[0].column, self.nodes[-1].column + self.nodes[-1].span)


Tie = tuple[Flow, Node, Run, Node]  # a flow to another run: the flow, the own node, the other run, the other node


@dataclass
class Rows:
    """The runs of a scope in their rows, and how many rows each band has."""

    runs: list[Run]
    counts: list[int]
    below: list[tuple[Run, Run]]  # a run that hangs on a boundary event of the other, and so stands below it

    def places(self, run: Run) -> list[float]:
        """Rows that a run could move to: those free at its columns, and new ones between any two."""
        others = [other for other in self.runs if other is not run and other.lane == run.lane]
        rows = sorted({float(other.row) for other in others})
        taken = {float(other.row) for other in others if set(other.columns) & set(run.columns)}
        free = [row for row in rows if row not in taken and row != run.row]
        between = [rows[0] - 0.5, *(row + 0.5 for row in rows)] if rows else []
        return [row for row in [*free, *between] if self._is_right(run, row)]

    def _is_right(self, run: Run, row: float) -> bool:
        above = [host.row for child, host in self.below if child is run]
        under = [child.row for child, host in self.below if host is run]
        return all(row > other for other in above) and all(row < other for other in under)

    def move(self, scope: Scope, run: Run, row: float) -> None:
        """Put a run into another row, and number all rows anew."""
        rows = {id(other): float(other.row) for other in self.runs if other.lane == run.lane} | {id(run): row}
        places = {value: index for index, value in enumerate(sorted(set(rows.values())))}
        for other in self.runs:
            if other.lane == run.lane:
                other.row = places[rows[id(other)]]
        self.counts = _number(scope, self.runs)

    def restore(self, scope: Scope, rows: list[int]) -> None:
        """Put every run back into the row that it had."""
        for run, row in zip(self.runs, rows, strict=True):
            run.row = row
        self.counts = _number(scope, self.runs)


def assign_rows(scope: Scope, order: Order) -> Rows:
    """Set ``row`` of every node, counted through all bands from the top."""
    runs = _runs(scope, order)
    ties = _ties(scope, order, runs)
    table = _Table(scope, {}, ties)
    for run in runs:
        table.settle(run)
    families = {id(run): [other for other in runs if _hangs_on(other, run, ties[id(other)], scope)] for run in runs}
    for _ in range(4):
        for run in runs:
            table.settle_again(run, families[id(run)])
    below = [(child, run) for run in runs for child in families[id(run)]]
    return Rows(runs, _number(scope, runs), below)


def _hangs_on(run: Run, host: Run, ties: list[Tie], scope: Scope) -> bool:
    """True if ``run`` begins with what a boundary event of ``host`` leads to, in the same band."""
    return run.lane == host.lane and any(
        other is host and own is run.nodes[0] and scope.nodes[flow.source].host is not None
        for flow, own, other, _ in ties
    )


def _runs(scope: Scope, order: Order) -> list[Run]:
    runs: list[Run] = []
    left = {key for key, node in scope.nodes.items() if node.host is None}
    after: dict[str, list[str]] = {key: [] for key in left}
    for flow in order.forward:
        if flow.source in left:
            after[flow.source].append(flow.target)
    while left:
        path = _longest(scope, after, left)
        left -= set(path)
        main = not runs
        nodes: list[Node] = []
        for key in path:
            node = scope.nodes[key]
            if nodes and nodes[-1].lane != node.lane:
                runs.append(Run(nodes, main))
                nodes = []
            nodes.append(node)
        runs.append(Run(nodes, main))
    return _side_by_side(scope, runs)


def _side_by_side(scope: Scope, runs: list[Run]) -> list[Run]:
    """Ends that hang below one step share a row, though they stand in one column."""
    kept: list[Run] = []
    hung: dict[str, Run] = {}
    for run in runs:
        step = scope.nodes[run.nodes[0].hangs].host if run.nodes[0].hangs else None
        if step in hung:
            hung[step].nodes += run.nodes
        else:
            kept.append(run)
            if step:
                hung[step] = run
    return kept


def _longest(scope: Scope, after: dict[str, list[str]], left: set[str]) -> list[str]:
    """The longest way through the nodes not yet placed; of equal ways the one drawn first in the file."""
    best: dict[str, list[str]] = {}
    for key in sorted((key for key in scope.nodes if key in left), key=lambda key: -scope.nodes[key].column):
        tail: list[str] = []
        for following in after[key]:
            if following in left and len(best.get(following, [])) > len(tail):
                tail = best[following]
        best[key] = [key, *tail]
    return max((best[key] for key in scope.nodes if key in left), key=len)


def _ties(scope: Scope, order: Order, runs: list[Run]) -> dict[int, list[Tie]]:
    """For each run its flows to other runs."""
    owner = {node.id: run for run in runs for node in run.nodes}
    ties: dict[int, list[Tie]] = {id(run): [] for run in runs}
    for flow in order.forward:
        source, target = scope.host(flow.source), scope.host(flow.target)
        one, other = owner[source.id], owner[target.id]
        if one is not other:
            ties[id(one)].append((flow, source, other, target))
            ties[id(other)].append((flow, target, one, source))
    return ties


@dataclass
class _Table:
    """Which run stands in which cells, and what a place would cost."""

    scope: Scope
    cells: Cells
    ties: dict[int, list[Tie]]

    def settle(self, run: Run) -> float:
        """Put a run into its best free row; what it costs there."""
        options = self.options(run)
        cost, run.row = min(((self.cost(run, row), row) for row in options), key=_cheapest)
        self.put(run)
        return cost

    def settle_again(self, run: Run, family: list[Run]) -> None:
        """Find a better row for a run together with the chains that hang on its boundary events."""
        for member in (run, *family):
            self.lift(member)
        trials = []
        for row in self.options(run):
            run.row = row
            cost = self.cost(run, row)
            self.put(run)
            cost += sum(self.settle(member) for member in family)
            trials.append((cost, row, [member.row for member in family]))
            for member in (run, *family):
                self.lift(member)
        _, run.row, rows = min(trials, key=lambda trial: _cheapest(trial[:2]))
        self.put(run)
        for member, row in zip(family, rows, strict=True):
            member.row = row
            self.put(member)

    def options(self, run: Run) -> list[int]:
        low, high = self.limits(run.lane)
        rows = range(low - 1, high + 2)
        free = [row for row in rows if not any((run.lane, row, column) in self.cells for column in run.columns)]
        return [0] if run.main and 0 in free else free

    def limits(self, lane: int) -> tuple[int, int]:
        used = [row for at, row, _ in self.cells if at == lane]
        return min([*used, 0]), max([*used, 0])

    def put(self, run: Run) -> None:
        run.placed = True
        for column in run.columns:
            self.cells[run.lane, run.row, column] = run

    def lift(self, run: Run) -> None:
        run.placed = False
        for column in run.columns:
            self.cells.pop((run.lane, run.row, column), None)

    def cost(self, run: Run, row: int) -> float:
        low, high = self.limits(run.lane)
        cost = abs(row) * 0.6 + (0.2 if row < 0 else 0) + (1.5 if row < low or row > high else 0)
        return cost + sum(self.tie_cost(run, row, tie) for tie in self.ties[id(run)] if tie[2].placed)

    def tie_cost(self, run: Run, row: int, tie: Tie) -> float:
        flow, own, other, far = tie
        arriving = flow.target == own.id
        if other.lane != run.lane:
            in_the_way = _between(self.cells, other, far, run.lane, row) if arriving and far.kind == "gateway" else 0
            return 0.3 * (-row if other.lane > run.lane else row) + 0.5 * in_the_way
        post = far if arriving else own
        blocked = sum((run.lane, at, post.column) in self.cells for at in _inside(row, other.row))
        cost = abs(row - other.row) + 3.0 * blocked
        if self.scope.nodes[flow.source].host is not None:
            below = row > other.row if arriving else row < other.row
            cost += 9 * blocked + (0 if below else 50)
        if row == other.row:
            apart = range(min(own.column, far.column) + 1, max(own.column, far.column))
            cost += 4 * sum((run.lane, row, column) in self.cells for column in apart)
        return cost


def _cheapest(option: tuple[float, int]) -> tuple[float, bool, int]:
    """Of equal places the one below the middle, and nearest to it."""
    return round(option[0], 6), option[1] < 0, abs(option[1])


def _between(cells: Cells, other: Run, far: Node, lane: int, row: int) -> int:
    """Nodes that stand in the way straight up or down from ``far`` to a row of another band."""
    low, high = sorted([(other.lane, other.row), (lane, row)])
    return sum(low < (at_lane, at_row) < high for at_lane, at_row, column in cells if column == far.column)


def _inside(one: int, other: int) -> range:
    return range(min(one, other) + 1, max(one, other))


def _number(scope: Scope, runs: list[Run]) -> list[int]:
    counts: list[int] = []
    for lane in range(len(scope.bands())):
        rows = sorted({run.row for run in runs if run.lane == lane})
        for run in runs:
            if run.lane == lane:
                for node in run.nodes:
                    node.row = sum(counts) + rows.index(run.row)
        counts.append(max(1, len(rows)))
    for node in scope.nodes.values():
        node.row = scope.host(node.id).row
    return counts
