"""Commands for the keys by which programs come to the API."""

from typing import Annotated, Literal

import typer

from console.commands.words import AsJson

app = typer.Typer(help="Keys by which programs come to the API.", no_args_is_help=True)

_Name = Annotated[
    str, typer.Argument(help="What the audit will call it, such as the program's name.", show_default=False)
]


@app.command("create")
def tokens_create(
    name: _Name,
    rights: Annotated[
        Literal["read", "trade", "admin"], typer.Option(help="What it may do; each has what those before it have.")
    ] = "read",
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, once; what is kept is a digest."""
    from console.tokens import create_token
    from desk.model.access import Rights

    raise typer.Exit(create_token(name, Rights(rights), as_json=as_json))


@app.command("list")
def tokens_list(as_json: AsJson = False) -> None:
    """List the keys that let in: by name, never the keys themselves."""
    from console.tokens import show_tokens

    raise typer.Exit(show_tokens(as_json=as_json))


@app.command("revoke")
def tokens_revoke(name: _Name, as_json: AsJson = False) -> None:
    """Let a key in no more, at once."""
    from console.tokens import revoke_token

    raise typer.Exit(revoke_token(name, as_json=as_json))
