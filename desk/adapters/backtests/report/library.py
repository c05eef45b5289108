"""Whether reports can be written here, without loading what writes them."""

from importlib.util import find_spec

_NEEDED = ("plotly", "jinja2")


def missing_library() -> str | None:
    """Return what has to be installed for reports, or None where everything is there."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    return f"{' and '.join(missing)} must be installed for it: `pip install 'scandesk[report]'`" if missing else None
