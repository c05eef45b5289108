"""`desk audit`: what was done by whom."""

from typing import Annotated

import typer

from console.commands.words import AsJson

app = typer.Typer(help="Show what was done by whom, or check that nobody has changed it since.")


@app.callback(invoke_without_command=True)
def audit(
    context: typer.Context,
    newest: Annotated[int, typer.Option(min=1, help="How many rows, counted from the newest.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what operators and the desk itself have changed: halts, resumes, flattenings, configurations."""
    if context.invoked_subcommand is None:
        from console.auditing import show_audit

        raise typer.Exit(show_audit(newest=newest, as_json=as_json))


@app.command("verify")
def audit_verify(as_json: AsJson = False) -> None:
    """Check the chain of the audit, and name the first row that was edited, deleted, inserted or moved."""
    from console.auditing import verify_audit

    raise typer.Exit(verify_audit(as_json=as_json))
