"""Names that stand for two things, or for nothing: of columns, parameters, figures, tables, programs and rules.

Lives here: parameters and figures that are called as a column is, tables of one name, ids that properties of programs have
already, what is called illustrative, values that are none of their options.
Not here: names inside expressions (expressions.py), references to programs, units and rules (references.py).
"""

from __future__ import annotations

from typing import Any

from allocator.faults import nearest
from allocator.load.context import Context
from allocator.model.model import DIMS
from allocator.model.rule import RULES
from allocator.model.source import CELL
from allocator.read.places import KeyPath


def clashes(context: Context) -> None:
    """Every name that stands for two things."""
    _with_columns(context)
    _of_tables(context)
    _of_rules(context)


def _with_columns(context: Context) -> None:
    """Parameters and figures that are columns or each other; columns said to be missing that are there."""
    policy, found = context.policy, context.names.found
    for section in ("parameters", "figures"):
        for name in getattr(policy, section):
            if name in found and found[name].source:
                params = {"name": name, "column": _whose(context, name)}
                context.fault("parameter-is-column", (section, name), params, key=True)
    for name in set(policy.figures) & set(policy.parameters):
        before = context.shaped.place("parameters", name, key=True)
        context.fault("figure-is-parameter", ("figures", name), {"name": name, "first": before}, key=True)
    for name in policy.missing:
        if name in found:
            params = {"name": name, "column": _whose(context, name)}
            context.fault("missing-exists", ("missing", name), params, key=True)


def _of_tables(context: Context) -> None:
    """Groups, tables and families: each is a table, under its name."""
    first: dict[str, KeyPath] = {}
    for section in ("groups", "tables", "programs"):
        for name, declared in getattr(context.policy, section).items():
            if section == "programs" and declared.source is None:
                continue
            if name in first:
                before = context.shaped.place(*first[name], key=True)
                context.fault("name-twice", (section, name), {"name": name, "first": before}, key=True)
            first.setdefault(name, (section, name))


def _of_rules(context: Context) -> None:
    """Rules that are called as what a program or the policy declares by a key of its own."""
    properties: dict[str, KeyPath] = {}
    for kind in (k for k in RULES.kinds().values() if k.is_property):
        for rule in kind.declared_in(context.model):
            properties[rule.id] = _property_path(context, rule)
    for index, rule in enumerate(context.policy.rules):
        if rule.id in properties:
            first_at = context.shaped.place(*properties[rule.id], key=True)
            context.fault("duplicate-id", ("rules", index, "id"), {"id": rule.id, "first": first_at})


def _property_path(context: Context, rule: Any) -> KeyPath:
    program = getattr(rule, "program", None)
    if program is None:
        return (rule.id,)
    return ("programs", context.model.family_of.get(program, program), rule.kind)


def _whose(context: Context, name: str) -> str:
    """A bare name with the table it belongs to."""
    source = context.names.found[name].source if name in context.names.found else None
    return name if source is None or source == CELL else f"{source.called}.{name}"


def illustrative(context: Context) -> None:
    """Whatever is called illustrative is something that the model has."""
    policy, shaped = context.policy, context.shaped
    known = {"units", *(["past"] if policy.past else []), *(["frozen"] if policy.frozen else [])} | _files(context)
    known |= {f"tables.{t}" for t in shaped.policy.tables} | {f"groups.{g}" for g in shaped.policy.groups}
    known |= {f"parameters.{p}" for p in policy.parameters}
    known |= {name for name in context.names.found if "." in name}
    known |= {f"{n}.{c}" for n in ("past", "frozen") if getattr(policy, n) for c in (*DIMS, "amount")}
    for index, name in enumerate(policy.illustrative):
        if name not in known:
            near = nearest(name, known)
            if not context.unseen.explains(name, near):
                context.fault("unknown-illustrative", ("illustrative", index), {"name": name}, near=near)


def titled_files(context: Context) -> None:
    """Whatever file is given a title is one that the model reads."""
    known = _files(context)
    for name in context.policy.files:
        if name not in known:
            context.fault("unknown-file", ("files", name), {"file": name}, near=nearest(name, known), key=True)


def _files(context: Context) -> set[str]:
    """The files that the policy names."""
    policy = context.shaped.policy
    files = [*(policy.units.file if policy.units else ())]
    files += [source.file for source in policy.groups.values()]
    files += [source.file for source in policy.tables.values()]
    files += [source.file for source in (policy.past, policy.frozen) if source]
    files += [program.source.file for program in policy.programs.values() if program.source]
    return {*files, *context.model.allocations}


def private(context: Context) -> None:
    """Whatever is called private is a column, written as in expressions."""
    found = context.names.found
    columns = [name for name, ref in found.items() if ref.source is not None and ref.source != CELL]
    for index, name in enumerate(context.policy.private):
        if name not in columns:
            near = nearest(name, columns)
            if not context.unseen.explains(name, near):
                context.fault("unknown-private", ("private", index), {"name": name}, near=near)


def options(context: Context) -> None:
    """A parameter with options has one of them (1 is not true, and not '1')."""
    for name, parameter in context.policy.parameters.items():
        options, value = parameter.options, parameter.value
        if options is None or any(
            isinstance(o, str | bool) == isinstance(value, str | bool) and o == value for o in options
        ):
            continue
        near = nearest(value, [o for o in options if isinstance(o, str)]) if isinstance(value, str) else None
        context.fault(
            "not-an-option", ("parameters", name, "value"), {"name": name}, found=value, expected=options, near=near
        )
