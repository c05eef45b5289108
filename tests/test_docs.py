"""The documents say what is so: generated pages are current, links lead somewhere, commands exist, examples run.

A fenced block is run where its first line says how: `file=PATH` is a whole file, `insert=PATH` is an existing line and
the new ones below it, `add-to=PATH` is added to a configuration file of the sample fleet. Paths are relative to the
root of the checkout.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from ruamel.yaml import YAML
from sqlmodel import SQLModel
from typer.core import TyperGroup

from console.handbook.pages import PAGES, is_current
from console.main import app
from desk.adapters.settings import Settings
from desk.model.reasons import Reason

ROOT = Path(__file__).resolve().parents[1]
PLUG_IN_PAGES = ("add-a-strategy", "add-a-risk-rule", "add-a-sizing")
TUTORIAL = ROOT / "docs" / "tutorial.md"

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_BLOCK = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_SHELL = ("console", "sh")
PLACEHOLDERS = ("…", "COMMAND")


@dataclass(frozen=True)
class Block:
    """A fenced block; `path` is empty where it is not to be run."""

    language: str
    how: str
    path: str
    text: str


def named(document: Path) -> str:
    return str(document.relative_to(ROOT))


def blocks(document: Path) -> list[Block]:
    found = []
    for match in _BLOCK.finditer(document.read_text(encoding="utf-8")):
        language, _, rest = match["info"].partition(" ")
        how, _, path = rest.partition("=")
        found.append(Block(language, how, path, match["text"]))
    return found


def prose(document: Path) -> str:
    return _BLOCK.sub("", document.read_text(encoding="utf-8"))


def shell_lines(document: Path) -> Iterator[str]:
    for block in blocks(document):
        if block.language in _SHELL:
            for line in block.text.splitlines():
                if line.startswith("$ "):
                    yield re.split(" #| >", line.removeprefix("$ "), maxsplit=1)[0]


def desk_commands(lines: Iterable[str]) -> list[list[str]]:
    """The words after `desk` of every line that calls it."""
    return [shlex.split(line)[1:] for line in lines if line.startswith("desk ")]


@pytest.mark.parametrize("page", PAGES)
def test_a_generated_page_says_what_the_code_says(page):
    assert is_current(ROOT, page), f"{page} is not up to date: run `make docs`"


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "pictures").glob("*")), ids=lambda path: path.name)
def test_a_picture_is_text_and_fetches_nothing(picture):
    text = picture.read_text()
    inside = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(text).iter()}
    assert inside.isdisjoint({"script", "image", "foreignObject", "style"})
    assert set(re.findall(r'href="(.)', text)) <= {"#"}
    assert len(text) < 400_000


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_link_leads_to_a_file_and_a_heading(document):
    for match in _LINK.finditer(prose(document)):
        target, _, anchor = match["target"].partition("#")
        if target.startswith(("http://", "https://")):
            continue
        path = (document.parent / target).resolve() if target else document
        assert path.exists(), f"{named(document)}: {match['target']} leads nowhere"
        if anchor:
            assert anchor in anchors(path), f"{named(document)}: {match['target']} is not a heading"


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_page_is_reached_from_the_readme(document):
    assert document in reached(), f"{named(document)}: no page leads here"


@cache
def reached() -> frozenset[Path]:
    """Every page to which links lead from the README, that of the README among them."""
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in seen and page.suffix == ".md" and page.exists():
            seen.add(page)
            targets = (match["target"].partition("#")[0] for match in _LINK.finditer(prose(page)))
            waiting += [(page.parent / target).resolve() for target in targets if target and "://" not in target]
    return frozenset(seen)


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_desk_command_exists_with_these_options(document):
    for words in desk_commands(shell_lines(document)):
        parse(words, said=f"{named(document)}: `desk {shlex.join(words)}`")
    for words in desk_commands(_CODE.findall(prose(document))):
        parse(words, said=f"{named(document)}: `desk {shlex.join(words)}`", in_a_sentence=True)


def parse(words: list[str], *, said: str, in_a_sentence: bool = False) -> None:
    """Parse a command as the program does, without running it; a sentence may name it without its arguments."""
    command, name = desk_command(), "desk"
    while isinstance(command, TyperGroup):
        context = command.context_class(command, info_name=name)
        _, rest, _ = command.make_parser(context).parse_args(list(words))
        if not rest or rest[0] in PLACEHOLDERS:
            return
        name, words = rest[0], rest[1:]
        assert name in command.commands, f"{said}: there is no '{name}'"
        command = command.commands[name]
    context = command.context_class(command, info_name=name)
    values, rest, _ = command.make_parser(context).parse_args(list(words))
    assert not rest, f"{said}: nothing takes {rest}"
    missing = [parameter.name for parameter in command.params if parameter.required and not values.get(parameter.name)]
    assert not missing or (in_a_sentence and not words), f"{said}: {missing} is missing"


@cache
def desk_command() -> TyperGroup:
    """The whole program, which typer makes of more than a hundred functions anew each time it is asked."""
    return typer.main.get_command(app)


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_make_target_exists(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    said = [*shell_lines(document), *_CODE.findall(prose(document))]
    for command in said:
        if match := re.fullmatch(r"make ([a-z]+)", command):
            assert match[1] in targets, f"{named(document)}: the Makefile has no '{match[1]}'"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_setting_exists(document):
    known = {f"DESK_{name.upper()}" for name in Settings.model_fields}
    for name in re.findall(r"DESK_[A-Z_]+", document.read_text(encoding="utf-8")):
        assert name in known, f"{named(document)}: there is no setting {name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_path_in_the_tree_exists(document):
    tops = ("desk", "flows", "tasks", "blocks", "deployments", "console", "config", "tests", "docs")
    examples = {block.path for page in DOCUMENTS for block in blocks(page)}
    for text in _CODE.findall(prose(document)):
        if re.fullmatch(rf"({'|'.join(tops)})/[\w/.-]*", text) and text not in examples:
            assert (ROOT / text).exists(), f"{named(document)}: there is no {text}"


def test_every_reason_of_the_table_of_advice_exists_and_every_rule_s_code_has_advice():
    page = (ROOT / "docs" / "how-to" / "understand-a-decision.md").read_text(encoding="utf-8")
    advised = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert advised == {reason.value for reason in Reason}


def configures(block: Block) -> bool:
    return block.how == "add-to" or (block.how, block.language) == ("file", "yaml")


WITH_CONFIGURATION = [page for page in DOCUMENTS if any(map(configures, blocks(page)))]


READ = """
import json, sys
from pathlib import Path
from xml.etree import ElementTree
from desk.adapters.configuration import read_fleet

said = {}
for name, folder in json.loads(sys.argv[1]).items():
    try:
        read_fleet(Path(folder))
    except Exception as error:
        said[name] = f"{type(error).__name__}: {error}"
print(json.dumps(said))
"""
"""What is wrong with the configuration of each page, by name; one process reads them all."""


@pytest.fixture(scope="session")
def refused(tmp_path_factory, a_tree_with_the_examples) -> Mapping[str, str]:
    """Why the sample fleet with the pieces of a page is refused, by the page's name; what is well is left out."""
    folders = {named(page): str(configured(page, tmp_path_factory.mktemp("page"))) for page in WITH_CONFIGURATION}
    return json.loads(run(sys.executable, "-c", READ, json.dumps(folders), directory=a_tree_with_the_examples))


def configured(document: Path, root: Path) -> Path:
    """Make the configuration of a page, and the files that it names."""
    configure(document, root)
    for name in re.findall(r"\.\./((?:candles|var/data)/[\w./-]+)", (root / "config" / "accounts.yaml").read_text()):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()  # it is enough that the file is there
    return root / "config"


@pytest.mark.parametrize("document", WITH_CONFIGURATION, ids=named)
def test_a_piece_of_configuration_fits_the_sample_fleet(document, refused):
    assert refused.get(named(document), "") == ""


def configure(document: Path, root: Path) -> None:
    """Make the sample configuration in `root`, with the pieces and the files of a page."""
    shutil.copytree(ROOT / "config", root / "config")
    for block in blocks(document):
        if block.how == "add-to":
            add(block, root)
        if block.language == "csv" or (block.how, block.language) == ("file", "yaml"):
            (root / block.path).parent.mkdir(parents=True, exist_ok=True)
            (root / block.path).write_text(block.text, encoding="utf-8")


def add(piece: Block, root: Path) -> None:
    yaml = YAML()
    whole = yaml.load((root / piece.path).read_text(encoding="utf-8"))
    merge(whole, yaml.load(piece.text))
    with (root / piece.path).open("w", encoding="utf-8") as file:
        yaml.dump(whole, file)


def merge(whole: dict[str, object], piece: Mapping[str, object]) -> None:
    for key, value in piece.items():
        if isinstance(value, dict) and isinstance(whole.get(key), dict):
            merge(whole[key], value)
        else:
            whole[key] = value


@pytest.fixture(scope="session")
def a_tree_with_the_examples(tmp_path_factory) -> Path:
    """A copy of the code with every example of a plug-in in its place."""
    root = tmp_path_factory.mktemp("examples")
    for folder in ("desk", "tests"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "test_docs.py"))
    shutil.copy(ROOT / "pyproject.toml", root)
    for name in PLUG_IN_PAGES:
        for block in blocks(ROOT / "docs" / "how-to" / f"{name}.md"):
            put(block, root)
    return root


def put(block: Block, root: Path) -> None:
    path = root / block.path
    if block.how == "file":
        assert not path.exists(), f"{block.path} is there already; give the example another name"
        path.write_text(block.text, encoding="utf-8")
    if block.how == "insert":
        known = block.text.splitlines(keepends=True)[0]
        text = path.read_text(encoding="utf-8")
        assert text.count(known) == 1, f"{block.path}: expected the line {known!r} once"
        path.write_text(text.replace(known, block.text), encoding="utf-8")


def test_the_example_plug_ins_pass_their_own_tests_and_the_contracts(a_tree_with_the_examples):
    names = [path.stem for path in example_plug_ins()]
    tests = [f"tests/desk/{path.parent.name}/test_{path.stem}.py" for path in example_plug_ins()]
    printed = run(
        *(sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "tests/contracts/test_plugins.py", *tests),
        *("-k", " or ".join(names)),
        directory=a_tree_with_the_examples,
    )
    for name, test in zip(names, tests, strict=True):
        assert f"{test}::" in printed, f"the test of {name} was not run"
        assert f"[{name}] PASSED" in printed, f"{name} was not discovered"


def test_the_example_plug_ins_keep_the_style_of_the_house(a_tree_with_the_examples):
    files = [str(path) for path in example_plug_ins()]
    run(sys.executable, "-m", "ruff", "check", *files, directory=a_tree_with_the_examples)
    run(sys.executable, "-m", "mypy", *files, directory=a_tree_with_the_examples)


def example_plug_ins() -> list[Path]:
    """The plug-ins of the how-to pages, without their tests."""
    pages = (ROOT / "docs" / "how-to" / f"{name}.md" for name in PLUG_IN_PAGES)
    found = (Path(block.path) for page in pages for block in blocks(page) if block.how == "file")
    return [path for path in found if path.parts[0] == "desk"]


@pytest.mark.end_to_end
def test_the_tutorial_s_replay_and_backtest_come_to_what_the_tutorial_says(tmp_path):
    configure(TUTORIAL, tmp_path)
    for command in ("replay", "--home var/replay why", "backtest"):
        [told] = [block for block in blocks(TUTORIAL) if block.text.startswith(f"$ desk {command}")]
        line, _, printed = told.text.partition("\n")
        found = run(*desk(), *shlex.split(line.removeprefix("$ desk ")), directory=tmp_path)
        for expected in printed.splitlines():
            assert without_times(expected) in without_times(found), f"{expected!r} is not in:\n{found}"


def without_times(text: str) -> str:
    """The text without what differs from run to run."""
    text = re.sub(r"scanned .*? UTC, took \S+ s; configuration \w+", "scanned", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  (planned|sending|filled)", r"\1", text)
    return re.sub(r"sent by \S+, token \d+", "sent by", text)


def desk() -> tuple[str, str, str]:
    return (sys.executable, "-c", "from console.main import main; main()")


def run(*command: str, directory: Path) -> str:
    left_out = ("PREFECT_", "DESK_", "COLUMNS", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    # What `make check` has found out about the packages that all of them import is as true of a copy.
    kept["MYPY_CACHE_DIR"] = str(ROOT / ".mypy_cache")
    environment = {**kept, "PYTHONPATH": f"{directory}{os.pathsep}{ROOT}"}
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_page_of_the_ledger_has_every_table():
    headings = anchors(ROOT / "docs" / "reference" / "ledger.md")
    assert {name for name, table in SQLModel.metadata.tables.items() if has_row_of_ours(table.name)} <= headings


def has_row_of_ours(name: str) -> bool:
    return any(row.__tablename__ == name for row in SQLModel.__subclasses__() if row.__module__.startswith("desk."))
