"""Checks the certificate of a run of allocator: one file, standard library only, no solver. `allocator-check RUN`

rows.json.xz states a problem in whole numbers: columns x (first the cells) from lower to upper, rows low <= sum of coefficient *
x <= high, and stages. The claim: no plan that keeps the rows is better in the first stage than allocation.csv, none as good there
is better in the second, and so on; of all that are equal in every stage, the draw leaves this one. certificate.json.xz proves it:
1. Weak duality. For whole prices p, one a row, a scale s >= 0 and d = s * cost - (sum of p * row), every x has s * cost x =
   sum of p * (row x) + sum of d * x >= B, where B takes a row at its low side where p > 0, else at its high side, a column at its
   lower bound where d > 0, else at its upper. cost x is whole: B > s * (value - 1) proves cost x >= value; at s = 0, that nothing
   keeps the rows. Where that is not enough, a column is <= k or >= k + 1, each with a proof, or a cost is proved in parts.
2. The chain. Plans left have cost x <= value: a row of all later stages. One unit away from its bound a column costs |d|, a row
   |p|; those with more than the gap s * value - B stay (complementary slackness). A witness has the value where some is given up.
3. Shares. Where a whole has so many places in every plan left, none is better than one in which no group would rather have a
   place that ranks above a margin (by weight / d(k), or what it brings nearer to the exact share) than another group one below.
4. The end. Claims fix the cells in which all plans left are alike. Every other one is drawn, in the order of
   SHA-256("seed|unit|program|period"): it gets the most that those before it leave. So one plan is left.
Not covered: that the rows, and others that an objective states for itself (they are counted), are the policy: see audit.json.
Exit codes: 0 all proved; 1 something is wrong; 2 the files cannot be read; 3 nothing is wrong, but not all is proved.
"""

import csv
import hashlib
import io
import json
import lzma
import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

ROWS, CERTIFICATE, PLAN = "rows.json.xz", "certificate.json.xz", "allocation.csv"
NOT_COVERED = "Not covered: that the rows are the policy (audit.json). 未核对：约束行是否即政策条文（见 audit.json）。"
MOST = 500_000_000  # bytes of a file, as it is and unpacked
Wrong = AssertionError  # what is wrong, in its text


class Check:  # a run; `lower`, `upper`, `rows`: what every plan left keeps; `x`: the plan; `lines`: what is told
    def __init__(self, folder: Path) -> None:
        self.lines, self.rows, self.claims, self.proved, self.stated = list[str](), list[list[Any]](), 0, 0, 0
        run = json.loads(data := held(folder, "run.json"))
        form, seal = json.dumps(run, ensure_ascii=False, indent=2) + "\n", run.pop("seal")
        text = json.dumps(run, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if form.encode() != data or hashlib.sha256(text.encode()).hexdigest() != seal:
            raise Wrong("run.json is not as it was written: its seal or its form does not fit")
        if run["status"] not in ("optimal", "infeasible") or CERTIFICATE not in run["files"]:
            raise Wrong(f"the run holds no certificate (its status: {run['status']})")
        files = {name: held(folder, name) for name in (ROWS, CERTIFICATE, PLAN)[: 2 + (run["status"] == "optimal")]}
        texts = [lzma.LZMADecompressor(memlimit=MOST).decompress(files[name], MOST) for name in (ROWS, CERTIFICATE)]
        told, self.proofs = both = [json.loads(text, parse_float=int, parse_constant=int) for text in texts]
        if [json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() for one in both] != texts:
            raise Wrong(f"{ROWS} or {CERTIFICATE} is not in the one form that a run writes: a key twice, say")
        for name, found in ((name, hashlib.sha256(data).hexdigest()) for name, data in files.items()):
            if found != run["files"].get(name) or found != self.proofs["of"].get(name, found):
                raise Wrong(f"{name} is not the file that run.json and the certificate name")
        self.lower = [cell[3] for cell in told["cells"]] + [column[1] for column in told["columns"]]
        self.upper = [cell[4] for cell in told["cells"]] + [column[2] for column in told["columns"]]
        for row in told["rows"]:
            self.add(*row[2:])
        if PLAN in files:
            self.plan(told, files[PLAN])
            self.stages(told["stages"])
            self.end(told["seed"], [tuple(cell[:3]) for cell in told["cells"]], run["draw"])
        else:
            self.none([], self.proofs["impossible"], "that there is no plan")

    def plan(self, told: Any, data: bytes) -> None:  # x: allocation.csv, then the columns that the certificate tells
        cells: dict[tuple[str, ...], int] = {(*cell[:2], str(cell[2])): c for c, cell in enumerate(told["cells"])}
        self.x = [0] * len(told["cells"]) + self.proofs["columns"]
        whole(self.x, self.lower, self.upper)
        head, *lines = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
        if head != ["unit", "program", "period", "amount"] or len(cells) < len(told["cells"]):
            raise Wrong(f"{PLAN} has another head: {head}; or two cells have one name")
        for *named, amount in lines:
            if (c := cells.pop(tuple(named), -1)) < 0 or amount != str(int(amount)):
                raise Wrong(f"no cell, the second award of its cell, or no plain amount: {', '.join([*named, amount])}")
            self.x[c] = int(amount)

    def add(self, low: int | None, high: int | None, columns: list[int], values: list[int]) -> None:
        whole(columns, values, [side for side in (low, high) if side is not None])
        if len(set(columns)) < len(columns) or not all(0 <= c < len(self.lower) for c in columns):
            raise Wrong(f"row {len(self.rows)} has a column that is not there, or one twice")
        self.rows.append([low, high, columns, values])

    def join(self, blocks: Any) -> None:  # rows that a stage adds, with columns of their own
        for block in blocks:
            self.upper += block["helpers"]
            self.lower += [0] * len(block["helpers"])
            for row in block["rows"]:
                self.add(*row[1:])

    def keeps(self, x: list[int], what: str) -> None:
        bounds = [[*ends, [c], [1]] for c, ends in enumerate(zip(self.lower, self.upper, strict=True))]
        for r, (low, high, columns, values) in enumerate([*self.rows, *bounds]):
            sum_ = sum(v * x[c] for c, v in zip(columns, values, strict=True))
            if (low is not None and sum_ < low) or (high is not None and sum_ > high):
                raise Wrong(f"{what} breaks row {r} (bounds of columns come last): {sum_} is not from {low} to {high}")

    def bound(self, cost: dict[int, int], leaf: Any) -> tuple[int, dict[int, int]]:  # B, d
        least, reduced = 0, {c: leaf["scale"] * k for c, k in cost.items()}
        for r, p in zip(leaf["rows"], leaf["prices"], strict=True):
            low, high, columns, values = self.rows[r]
            side = low if p > 0 else high
            if side is None:
                raise Wrong(f"a price on a side of row {r} that has no limit")
            least += p * side
            for c, v in zip(columns, values, strict=True):
                reduced[c] = reduced.get(c, 0) - p * v
        return least + sum(d * (self.lower[c] if d > 0 else self.upper[c]) for c, d in reduced.items()), reduced

    def prove(self, cost: dict[int, int], value: int, tree: Any, what: str) -> None:  # that no x has cost x < value
        if "split" in tree:
            c, at = tree["split"]
            low, high = self.lower[c], self.upper[c]
            for side, self.lower[c], self.upper[c] in (("less", low, min(at, high)), ("more", max(at + 1, low), high)):
                if self.lower[c] <= self.upper[c]:
                    self.prove(cost, value, tree[side], what)
            self.lower[c], self.upper[c] = low, high
        elif tree["scale"] < 0 or self.bound(cost, tree)[0] <= tree["scale"] * (value - 1):
            raise Wrong(f"{what}: the prices do not prove the value {value}")

    def least(self, cost: dict[int, int], proof: Any, what: str, value: int | None = None) -> bool:  # counts it
        self.claims, self.proved = self.claims + 1, self.proved + ("gap" not in proof)
        value = sum(k * self.x[c] for c, k in cost.items()) if value is None else value
        if "by" in proof:
            self.prove(cost, value, proof["by"], what)
        elif "parts" in proof:
            left = dict(cost)
            for columns, part, tree in proof["parts"]:
                self.prove({c: left.pop(c) for c in columns}, part, tree, what)
            rest = sum(k * (self.lower[c] if k > 0 else self.upper[c]) for c, k in left.items())
            if sum(part for _, part, _ in proof["parts"]) + rest < value:
                raise Wrong(f"{what}: the parts do not come to {value}")
        else:
            self.lines.append(f"not certified: {what}; gap {proof['gap']}")
        return "gap" not in proof

    def follow(self) -> None:  # bounds of columns that follow from single rows, until none does (or 50 times)
        before, left = None, 50
        while left and before != (self.lower, self.upper):
            before, left = (self.lower[:], self.upper[:]), left - 1
            for low, high, columns, values in self.rows:
                for sign, side in ((1, high), (-1, low)):  # sign * row <= sign * side
                    signed = [(c, sign * v) for c, v in zip(columns, values, strict=True)] if side is not None else []
                    least = [v * (self.lower if v > 0 else self.upper)[c] for c, v in signed]
                    room = sign * (side or 0) - sum(least)
                    for (c, v), own in zip(signed, least, strict=True):  # a column has all that the others leave
                        if v > 0:
                            self.upper[c] = min(self.upper[c], (room + own) // v)
                        elif v < 0:
                            self.lower[c] = max(self.lower[c], -((room + own) // -v))

    def stages(self, stages: Any) -> None:
        for stage, proofs in zip(stages, self.proofs["stages"], strict=True):
            name, before = stage["objective"], (self.claims, self.stated)
            for step, proof in zip(stage["steps"], proofs, strict=True):
                if "require" in step:
                    self.stated += sum(len(block["rows"]) for block in step["require"] if proof is None)
                    if proof is not None:
                        self.shares(step, proof, name)
                    self.join(step["require"])
                elif "impossible" in step:
                    self.none(step["impossible"], proof, f"{name}: that more is impossible")
                else:
                    self.stage(step, proof, name)
            self.lines.append(f"- {name}: {self.claims - before[0]} claims, {self.stated - before[1]} rows of its own")
        self.keeps(self.x, "the plan")

    def none(self, blocks: Any, proof: Any, what: str) -> None:  # nothing keeps these rows as well
        columns, rows = len(self.lower), len(self.rows)
        self.join(blocks)
        self.least({}, proof or {"gap": None}, what, 1)  # 0 >= 1 holds only where nothing does
        del self.lower[columns:], self.upper[columns:], self.rows[rows:]

    def stage(self, step: Any, proof: Any, name: str) -> None:
        self.join(step["under"])
        cost, value, give = dict(zip(*step["least"], strict=True)), proof["value"], step["give"]
        x = proof["witness"] if give else self.x
        whole(x, *step["least"], [value, give])
        if give:
            self.keeps(x, f"{name}: the witness")
        if give < 0 or sum(k * x[c] for c, k in cost.items()) != value:
            raise Wrong(f"{name}: the plan does not come to {value}")
        leaf = proof.get("fixes", proof.get("by", {"split"}))
        if self.least(cost, proof, name, value) and not give and "split" not in leaf:
            least, reduced = self.bound(cost, leaf)
            gap = leaf["scale"] * value - least  # what costs more, a unit away from its side, stays there
            for r, p in zip(leaf["rows"], leaf["prices"], strict=True):
                if abs(p) > gap:
                    self.rows[r][:2] = [self.rows[r][0 if p > 0 else 1]] * 2
            for c, d in reduced.items():
                if abs(d) > gap:
                    self.lower[c] = self.upper[c] = self.lower[c] if d > 0 else self.upper[c]
        self.add(None, value + give, list(cost), list(cost.values()))

    def shares(self, step: Any, proof: Any, name: str) -> None:  # rows, of groups and wholes, keep every best plan
        out, [rows] = step["shares"], [block["rows"] for block in step["require"]]
        sums, n = [dict(zip(*row[3:], strict=True)) for row in rows], len(out["weights"])
        whole(*out["weights"], *proof["margins"], *([row[1], row[2], *row[3], *row[4]] for row in rows))
        made = [sum(v * self.x[c] for c, v in sum_.items()) for sum_ in sums]
        for g, sign, claim in proof["ends"]:
            self.least({c: -sign * v for c, v in sums[g].items()}, claim, f"{name}: group {g}")
        ends, none = {(g, sign) for g, sign, _ in proof["ends"]}, {"rows": (), "prices": (), "scale": 1}
        totals = [{c: v for g in groups for c, v in sums[g].items()} for groups in out["wholes"]]
        shared = zip(out["wholes"], totals, proof["margins"], proof["totals"], strict=True)
        for groups, total, (first, *by), both in shared:
            for sign, claim in zip((1, -1), both, strict=True):
                self.least({c: sign * v for c, v in total.items()}, claim, f"{name}: a whole")
            for g in groups:
                ranks = [rank(out["method"], Fraction(*out["weights"][g]), made[g] + k) for k in (-1, 0, 1, 2)]
                more, margin, floor = (g, 1) not in ends, (first, Fraction(*by)), self.bound(sums[g], none)[0]
                less = (g, -1) not in ends and floor < made[g]  # by the bounds of its cells
                low, high = made[g] - (less and ranks[1] == margin), made[g] + (more and ranks[2] == margin)
                flat = (made[g] - floor > 1 and less and ranks[0] == margin) or (more and ranks[3] == margin)
                wrong = (less and ranks[1] < margin) or (more and ranks[2] > margin) or flat or floor < 0
                if wrong or not rows[g][1] <= low <= high <= rows[g][2]:
                    raise Wrong(f"{name}: group {g} may rather have another number of places")
        parted = sorted(g for groups in out["wholes"] for g in groups) == list(range(n))
        if not parted or sum(map(len, totals)) != sum(map(len, sums[:n])) or any(one not in totals for one in sums[n:]):
            raise Wrong(f"{name}: a group that is in no whole, or shares a cell; or a row of no whole")

    def end(self, seed: int | None, names: list[tuple[str, str, int]], run: Any) -> None:  # what no stage decides
        if seed != run["seed"]:
            raise Wrong(f"run.json has another seed than {ROWS}: {run['seed']}")
        if seed is None:
            self.lines.append("This is one of the best plans: the policy makes no draw.")
            return
        self.follow()
        drawn, claims = self.proofs["drawn"], iter(self.proofs["draw"])
        for claim in self.proofs["alike"]:
            self.fix(claim, "that all plans left are alike in some cells")
        open_ = {c for c in range(len(names)) if self.lower[c] < self.upper[c]}
        plain = ["|".join(str(p).replace("\\", "\\\\").replace("|", "\\|") for p in (seed, *name)) for name in names]
        order = {c: hashlib.sha256(ticket.encode()).hexdigest() for c, ticket in enumerate(plain)}
        told = {names[c] for c in drawn} == set(map(tuple, run["cells"]))
        if not told or drawn != sorted(set(drawn), key=order.__getitem__) or not open_ <= set(drawn):
            raise Wrong("other cells were drawn, or in another order")
        for c in drawn:
            if self.x[c] < self.upper[c]:  # who has the most that is left needs no claim
                claim = next(claims, {"cells": (), "signs": ()})
                if c not in claim["cells"] or set(claim["signs"]) != {1}:
                    raise Wrong(f"the draw decides {names[c]} out of its order")
                self.fix(claim, "that the draw gives its cells no more")
            self.lower[c] = self.x[c]
        public, by = run.get("public"), "chosen by the author of the model"
        if public:  # made after RFC 3797 of a model that was fixed before the numbers were known
            numbers = map(str, sorted(map(int, re.findall(r"\d+", public["numbers"]))))
            by = f"{public['commitment']}|{'.'.join(numbers)}"
            if int(hashlib.sha256(by.encode()).hexdigest()[:12], 16) != seed:
                raise Wrong(f"the seed is not made of {by}")
        self.lines.append(f"the draw: {len(drawn)} cells by seed {seed}, {'made of ' * bool(public)}{by}")

    def fix(self, claim: Any, what: str) -> None:
        pairs = list(zip(claim["cells"], claim["signs"], strict=True))
        if len(pairs) > 1 and any(self.x[c] != (self.lower if sign > 0 else self.upper)[c] for c, sign in pairs):
            raise Wrong(f"{what}: one of the cells {claim['cells']} is not at its bound")
        self.least({c: -1 if sign > 0 else 1 for c, sign in pairs}, claim, what)
        for c, sign in pairs:
            (self.upper if sign > 0 else self.lower)[c] = self.x[c]


def rank(method: str, w: Fraction, k: int) -> tuple[int, Fraction]:  # of a k-th place; squared: all are fractions
    if method == "largest_remainder":  # w: the exact share
        return 0, abs(k - 1 - w) - abs(k - w)
    less = {"webster": Fraction(1, 2), "jefferson": Fraction(0), "adams": Fraction(1)}
    d = Fraction(k * (k - 1)) if method == "huntington_hill" else (k - less[method]) ** 2
    return (0, w * w / d) if d else (1, w * w)


def whole(*lists: Any) -> None:
    if any(set(map(type, numbers)) - {int} for numbers in lists):
        raise TypeError("something else where whole numbers stand")


def held(folder: Path, name: str) -> bytes:
    path = (folder / name).resolve()
    if not path.is_file() or path.parent != folder.resolve() or path.stat().st_size > MOST:
        raise OSError(f"{name} is not there, no plain file of this folder, or too large")
    return path.read_bytes()


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.stdout.write(__doc__ or "")
        return 0 if len(sys.argv) == 2 else 2
    try:
        check = Check(Path(sys.argv[1]))
        told, code = check.lines, 0 if check.proved == check.claims else 3
        told += [f"{check.proved} of {check.claims} claims proved; objectives state {check.stated} rows.", NOT_COVERED]
        told.append("NOT CERTIFIED 未全部证明: nothing is wrong, but not all is proved." if code else "CERTIFIED 成立")
    except Exception as why:
        code = 2 - isinstance(why, Wrong)
        told = [f"REFUSED 不成立: {why}" if code == 1 else f"REFUSED 无法核对 (missing, or in another form): {why!r}"]
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    for line in told:  # each one line, whatever stands in the files, and steering no screen
        sys.stdout.write("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line[:1000]) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
