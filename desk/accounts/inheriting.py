"""Completes the policies of policy.yaml with what they take over: from a policy that they extend, from `defaults`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from desk.accounts.entry import Document, Entry, unknown
from desk.accounts.problems import Problem
from desk.registry import risk_rules

# What a policy says of itself alone.
_OWN = {"description", "extends"}


def with_inheritance(document: Document) -> Document:
    """Return the document with every policy complete; what is taken over keeps its own line.

    A key of a policy stands instead of the one that it takes over, and a rule instead of the rule of its name; the
    rules that are left come first. What extends nothing that exists is completed as far as there is something.
    """
    top = document.top
    policies = top.child("policies") if top else None
    if top is None or policies is None or not isinstance(policies.value, Mapping):
        return document
    defaults = top.child("defaults")
    complete = {name: _complete(_line(name, policies.children), defaults) for name in policies.children}
    children = {**top.children, "policies": replace(policies, value=complete)}
    return replace(document, top=replace(top, value=children))


def inheritance_problems(policies: Mapping[str, Entry]) -> Iterator[Problem]:
    """Yield every policy that extends one that does not exist, or in the end itself."""
    for name, policy in policies.items():
        extended = policy.child("extends")
        if extended is None:
            continue
        yield from unknown(extended.value, policies, "the name of a policy", extended)
        names = [ancestor.path.rpartition(".")[2] for ancestor in _line(name, policies)]
        oldest = _extended(policies[names[-1]])
        if oldest == name:
            chain = " -> ".join((*names, name))
            yield extended.problem(f"expected a policy that does not extend '{name}' itself, found {chain}")


def _line(name: str, policies: Mapping[str, Entry]) -> list[Entry]:
    """A policy and those that it extends, the oldest last."""
    names = [name]
    while (parent := _extended(policies[names[-1]])) in policies and parent not in names:
        names.append(parent)
    return [policies[ancestor] for ancestor in names]


def _extended(policy: Entry) -> str:
    extended = policy.child("extends")
    return extended.value if extended and isinstance(extended.value, str) else ""


def _complete(line: list[Entry], defaults: Entry | None) -> Entry:
    complete = line[-1] if defaults is None else _merged(defaults, line[-1])
    for policy in reversed(line[:-1]):
        complete = _merged(complete, policy)
    return complete


def _merged(base: Entry, own: Entry) -> Entry:
    """The second entry with what only the first one has."""
    if not isinstance(own.value, Mapping):
        return own
    taken = {key: entry for key, entry in base.children.items() if key not in _OWN}
    rules = _merged_rules(taken.get("rules"), own.child("rules"))
    return replace(own, value={**taken, **own.value, **({"rules": rules} if rules else {})})


def _merged_rules(base: Entry | None, own: Entry | None) -> Entry | None:
    if base is None or own is None:
        return own or base
    broken = next((rules for rules in (base, own) if not isinstance(rules.value, tuple)), None)
    if broken is not None:
        return broken
    merged = {_rule_name(rule): rule for rule in (*base.items, *own.items)}
    return replace(own, value=tuple(merged.values()))


def _rule_name(rule: Entry) -> str:
    """The name that the rule has now; the place of one without a name, which the model tells."""
    name = rule.child("name")
    return risk_rules().present_name(name.value) if name and isinstance(name.value, str) else rule.path
