"""Whether reports can be written here, without loading what writes them."""

from importlib.util import find_spec


def missing_library() -> str | None:
    """Return what has to be installed for reports, or None where everything is there."""
    return None if find_spec("plotly") else "plotly must be installed for it: `pip install 'scandesk[report]'`"
