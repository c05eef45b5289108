"""Drawn YAML files: mappings and lists in lines and in brackets, comments, blank lines, quotes, anchors, line ends."""

from hypothesis import strategies as st

KEYS = ("alpha", "beta", "gamma", "delta", "epsilon")
SCALARS = (
    "1",
    "0.5",
    "100_000",
    "plain",
    "two words",
    "'it''s'",
    '"a # b"',
    "true",
    "null",
    "2026-01-01T00:00:00Z",
    "",
)
COMMENTS = ("", "", "  # why", "   # one, two: {three}")
BETWEEN = ([], [], [""], ["# a heading"], ["", "# ── apart ──", ""])


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A file of at least two keys."""
    end = draw(st.sampled_from(("\n", "\r\n")))
    lines = ["# The head of the file.", *mapping(draw, 0, 2), *draw(st.sampled_from(BETWEEN))]
    # The end of the file is a part of a text in lines.
    ends = (end,) if lines[-1].endswith("of two lines") else (end, "")
    return end.join(lines) + draw(st.sampled_from(ends))


def mapping(draw: st.DrawFn, indent: int, depth: int) -> list[str]:
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1 if indent else 2, max_size=4, unique=True))
    return [line for key in keys for line in (*between(draw, indent), *entry(draw, key, indent, depth))]


def between(draw: st.DrawFn, indent: int) -> list[str]:
    return [line and " " * indent + line for line in draw(st.sampled_from(BETWEEN))]


def entry(draw: st.DrawFn, key: str, indent: int, depth: int) -> list[str]:
    comment, pad = draw(st.sampled_from(COMMENTS)), " " * indent
    kind = draw(
        st.sampled_from(("scalar", "scalar", "flow", "block", "items", "text") if depth else ("scalar", "flow"))
    )
    if kind == "block":
        return [f"{pad}{key}:{comment}", *mapping(draw, indent + draw(st.sampled_from((1, 2, 4))), depth - 1)]
    if kind == "items":
        return [f"{pad}{key}:{comment}", *items(draw, indent + draw(st.sampled_from((0, 2))), depth - 1)]
    if kind == "text":
        return [f"{pad}{key}: {draw(st.sampled_from('|>'))}", f"{pad}  a text", f"{pad}  of two lines"]
    value = flow(draw, 2) if kind == "flow" else draw(st.sampled_from(SCALARS))
    return [f"{pad}{key}: {value}{comment}".rstrip() if comment else f"{pad}{key}: {value}"]


def items(draw: st.DrawFn, indent: int, depth: int) -> list[str]:
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        lines += between(draw, indent)
        if depth and draw(st.booleans()):
            first, *rest = entry(draw, "name", indent + 2, 0) + mapping(draw, indent + 2, 0)
            lines += [f"{' ' * indent}- {first.lstrip()}", *rest]
        else:
            lines.append(f"{' ' * indent}- {flow(draw, 1)}{draw(st.sampled_from(COMMENTS))}")
    return lines


def flow(draw: st.DrawFn, depth: int) -> str:
    kind = draw(st.sampled_from(("scalar", "mapping", "list") if depth else ("scalar",)))
    if kind == "scalar":
        return draw(st.sampled_from([each for each in SCALARS if each]))
    count = draw(st.integers(0, 3))
    if kind == "list":
        return f"[{', '.join(flow(draw, depth - 1) for _ in range(count))}]"
    return f"{{{', '.join(f'{key}: {flow(draw, depth - 1)}' for key in KEYS[:count])}}}"
