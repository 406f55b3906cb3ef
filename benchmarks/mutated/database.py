"""Mutations of the tables and of expressions.

Lives here: nothing but the list, over src/allocator/database.
Not here: what a mutation is (mutation.py), how they are applied and judged (../mutations.py).
"""

from __future__ import annotations

from benchmarks.mutated.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        "lengths-are-texts",
        "database/asked.py",
        "the numbers of left and right are texts",
        'self._ask(parts[1:], "number")',
        'self._ask(parts[1:], "text")',
        "tests/database/test_asked.py",
    ),
    Mutation(
        "files-open",
        "database/connection.py",
        "statements may read files",
        "set enable_external_access = false; set lock",
        "set enable_external_access = true; set lock",
        "tests/database/test_connection.py -k 'out_of_reach'",
    ),
    Mutation(
        "two-statements",
        "database/connection.py",
        "several statements run at once, the first alone",
        "if len(statements) != 1:",
        "if not statements:",
        "tests/database/test_connection.py -k 'only_one'",
    ),
    Mutation(
        "no-end-of-time",
        "database/connection.py",
        "a statement that takes too long goes on",
        "if self._until is not None and time.monotonic() > self._until:",
        "if False:",
        "tests/database/test_connection.py -k 'does_not_end'",
    ),
    Mutation(
        "min-passes-over",
        "database/expression.py",
        "min passes over what is missing",
        '"min": "case when count(*) filter (where _f and _e and _x is null) > 0',
        '"min": "case when false',
        "tests/load/test_holes.py -k 'at_that_cell'",
    ),
    Mutation(
        "sum-passes-over",
        "database/expression.py",
        "a sum passes over what is missing",
        '"sum": "case when count(*) filter (where _f and _e and _x is null) > 0',
        '"sum": "case when false',
        "tests/load/test_holes.py -k 'at_that_cell'",
    ),
    Mutation(
        "property-of-the-first-dot",
        "database/judged.py",
        "the program of a property is named up to its first dot",
        'program = rule.id.rsplit(".", 1)[0]',
        'program = rule.id.split(".", 1)[0]',
        "tests/database/test_judged.py",
    ),
    Mutation(
        "text-unquoted",
        "database/names.py",
        "a quote in a parameter ends its text",
        'return "\'" + str(value).replace("\'", "\'\'") + "\'"',
        'return "\'" + str(value) + "\'"',
        "tests/database/test_connection.py -k 'parameter'",
    ),
    Mutation(
        "name-unquoted",
        "database/names.py",
        "a quote in the name of a column ends it",
        "return '\"' + name.replace('\"', '\"\"') + '\"'",
        "return '\"' + name + '\"'",
        "tests/database/test_connection.py -k 'same_text'",
    ),
    Mutation(
        "first-of-two-columns",
        "database/names.py",
        "a name of two columns means the first",
        "if name in self.ambiguous:",
        "if False:",
        "tests/load/test_same_names.py -k 'two_columns'",
    ),
    Mutation(
        "nobody-in-the-first-group",
        "database/plain.py",
        "who is in no group is in the first",
        "number[coded.distinct.index(None)] = -1",
        "number[coded.distinct.index(None)] = 0",
        "tests/problem/test_plain.py",
    ),
    Mutation(
        "group-without-units",
        "database/plain.py",
        "a declared group without a unit is left out",
        'units |= set(product(*(db.model.groups[name].columns["id"].values for name in found)))',
        "units |= set()",
        "tests/problem/test_plain.py",
    ),
    Mutation(
        "unknown-holds",
        "database/frames.py",
        "a condition that is not known holds",
        'as boolean), false)"',
        'as boolean), true)"',
        "tests/rules/test_cases.py -k 'not told and eligible'",
    ),
    Mutation(
        "nowhere-is-the-first",
        "database/vectors.py",
        "a label that no cell has is that of the first value",
        "size = max(codes.values(), default=-1) + 2",
        "size = max(codes.values(), default=-1) + 1",
        "tests/problem/test_plain.py",
    ),
    Mutation(
        "awards-of-every-program",
        "database/groups.py",
        "a group counts the awards of programs that are not its own",
        """f"where c.program in {self.program_list(groups.of)} and {self.condition_sql(condition)})",""",
        """f"where {self.condition_sql(condition)})",""",
    ),
    Mutation(
        "missing-measure-counts",
        "database/cells.py",
        "a cell whose measure is missing keeps an entry",
        "return found.where(known)",
        "return found",
    ),
    Mutation(
        "unknown-bound-is-nought",
        "database/figures.py",
        "a bound that is not known is 0",
        "if unknown.any() and not missing:",
        "if False:",
    ),
    Mutation(
        "rows-that-are-not-there",
        "database/missing.py",
        "a row that a table lacks has an empty cell",
        'wanted += [f"{there} is not null"] if there else []',
        "wanted += []",
    ),
    Mutation(
        "always-in-force",
        "database/tables.py",
        "a rule is in force whatever its `applies` says",
        "if r.applies is None or bool(self.setting(r.applies))",
        "if True",
    ),
)
