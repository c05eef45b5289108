"""Blocks that hold or name secrets: found by reference, masked, and never in a message."""

import asyncio
import logging
import sys

import pytest
from pydantic import SecretStr, ValidationError

from blocks import AccountBlock, LedgerBlock, NotifierBlock, VenueCredentials
from deployments.child import start_child
from desk.adapters.notify.console import ConsoleNotifier
from desk.adapters.settings import settings
from desk.errors import ConfigError
from desk.ports import Message
from tests.prefect_server import PROJECT

CANARY = "canary81d0c3aa"
KEYS = VenueCredentials(venue="oanda", variables={"token": "OANDA_TOKEN", "account": "OANDA_ACCOUNT"})

apprise_on_python_3_11 = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def somewhere(tmp_path, monkeypatch):
    """A folder without `.env`, and an environment without the variables of these tests."""
    monkeypatch.chdir(tmp_path)
    for name in ("OANDA_TOKEN", "OANDA_ACCOUNT", "DESK_DATABASE_URL", "DESK_NOTIFY_URLS"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def revealed(secrets):
    return {part: secret.get_secret_value() for part, secret in secrets.items()}


def test_credentials_are_found_in_the_environment(somewhere, monkeypatch):
    monkeypatch.setenv("OANDA_TOKEN", CANARY)
    monkeypatch.setenv("OANDA_ACCOUNT", "101")
    secrets = KEYS.resolve()
    assert revealed(secrets) == {"token": CANARY, "account": "101"}
    assert CANARY not in repr(secrets)


def test_credentials_are_found_in_the_env_file_where_the_environment_has_none(somewhere, monkeypatch):
    (somewhere / ".env").write_text("OANDA_TOKEN=from-file\nOANDA_ACCOUNT=101\n")
    monkeypatch.setenv("OANDA_TOKEN", "from-environment")
    assert revealed(KEYS.resolve()) == {"token": "from-environment", "account": "101"}


@pytest.mark.parametrize("account", ["", None])
def test_a_variable_that_is_not_set_or_empty_is_named_and_no_value_is(somewhere, account):
    values = {"OANDA_TOKEN": CANARY} | ({} if account is None else {"OANDA_ACCOUNT": account})
    with pytest.raises(ConfigError) as raised:
        KEYS.resolve(values)
    assert str(raised.value) == "oanda: expected OANDA_ACCOUNT in the environment or in .env, found nothing"


def test_messages_go_to_the_log_where_no_address_is_given(somewhere):
    assert isinstance(NotifierBlock().open(), ConsoleNotifier)


async def test_the_log_gets_title_and_body(somewhere, capsys):
    await NotifierBlock().open().send(Message("trader: 1 order", "buy 100 EUR/USD", "warning"))
    printed = capsys.readouterr()
    line = printed.err
    assert printed.out == "", "what a command answers is for programs"
    assert "trader: 1 order" in line
    assert "buy 100 EUR/USD" in line
    assert "warning" in line


@apprise_on_python_3_11
@pytest.mark.parametrize(
    "address", [f"nosuchservice://{CANARY}", f"{CANARY}", f"tgram://{CANARY}", f"json://user:{CANARY}@:port/"]
)
def test_an_address_that_nobody_knows_is_named_by_its_place_and_never_shown(somewhere, caplog, capfd, address):
    caplog.set_level(logging.DEBUG)
    block = NotifierBlock(urls=("json://127.0.0.1:9/", SecretStr(address)))

    with pytest.raises(ConfigError, match=r"DESK_NOTIFY_URLS: entry 2 of 2 is not an Apprise address") as raised:
        block.open()

    printed = capfd.readouterr()
    assert CANARY not in f"{raised.value}{raised.value.__cause__}{caplog.text}{printed.out}{printed.err}"


@apprise_on_python_3_11
async def test_a_message_that_is_delivered_leaves_no_token_in_the_log(somewhere, caplog):
    caplog.set_level(logging.DEBUG)
    received: list[bytes] = []

    async def answer(reader, writer):
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        block = NotifierBlock(urls=(SecretStr(f"json://127.0.0.1:{port}/{CANARY}"),))
        await block.open().send(Message("trader: 1 order", "buy 100 EUR/USD"))

    assert CANARY.encode() in received[0]
    assert CANARY not in caplog.text


def test_addresses_come_from_the_settings_and_are_masked(somewhere, monkeypatch):
    monkeypatch.setenv("DESK_NOTIFY_URLS", f'["tgram://{CANARY}/1"]')
    settings.cache_clear()
    block = NotifierBlock()
    assert [url.get_secret_value() for url in block.urls] == [f"tgram://{CANARY}/1"]
    assert CANARY not in repr(block) + str(block) + block.model_dump_json()


def test_the_address_of_the_ledger_comes_from_the_settings_and_is_masked(somewhere, monkeypatch):
    monkeypatch.setenv("DESK_DATABASE_URL", f"postgresql://desk:{CANARY}@db/desk")
    settings.cache_clear()
    block = LedgerBlock()
    assert block.url.get_secret_value() == f"postgresql://desk:{CANARY}@db/desk"
    assert CANARY not in repr(block) + str(block) + block.model_dump_json()


def test_a_ledger_of_another_kind_is_refused_without_its_password(somewhere):
    with pytest.raises(ConfigError) as raised:
        LedgerBlock(url=SecretStr(f"mysql://desk:{CANARY}@db/desk")).open()
    assert CANARY not in str(raised.value)


def test_a_block_without_what_it_needs_is_refused():
    with pytest.raises(ValidationError, match="name"):
        AccountBlock()


@pytest.mark.prefect
async def test_block_types_are_registered_from_the_command_line(prefect_server, prefect_client, tmp_path):
    command = [sys.executable, "-m", "prefect", "block", "register", "-m", "blocks"]
    child = start_child(
        command, environment=prefect_server.environment, directory=tmp_path, log=tmp_path / "register.log"
    )
    code = await asyncio.to_thread(child.wait, 60)

    assert code == 0, child.log_tail()
    for block in (AccountBlock, LedgerBlock, NotifierBlock, VenueCredentials):
        found = await prefect_client.read_block_type_by_slug(block.get_block_type_slug())
        assert found.name == block.get_block_type_name()
        assert found.name.startswith("Scandesk ")
        assert found.description == block.get_description()


@pytest.mark.prefect
async def test_saved_blocks_hold_no_secret_in_clear(prefect_server, prefect_client, somewhere):
    blocks = {
        "canary-ledger": LedgerBlock(url=SecretStr(f"postgresql://desk:{CANARY}@db/desk")),
        "canary-notifier": NotifierBlock(urls=(SecretStr(f"tgram://{CANARY}/1"),)),
        "canary-keys": KEYS,
    }
    for name, block in blocks.items():
        await block.save(name, overwrite=True)

    shown = [
        await prefect_client.read_block_document_by_name(name, block.get_block_type_slug(), include_secrets=False)
        for name, block in blocks.items()
    ]
    stored = b"".join(path.read_bytes() for path in prefect_server.home.glob("prefect.db*"))
    assert CANARY not in "".join(document.model_dump_json() for document in shown)
    assert b"canary-notifier" in stored
    assert CANARY.encode() not in stored
    loaded = await LedgerBlock.load("canary-ledger")
    assert loaded.url.get_secret_value() == f"postgresql://desk:{CANARY}@db/desk"


def test_every_block_module_is_exported_so_that_registering_the_package_finds_it():
    modules = {path.stem for path in (PROJECT / "blocks").glob("*.py") if "(Block):" in path.read_text()}
    import blocks

    exported = {getattr(blocks, name).__module__.removeprefix("blocks.") for name in blocks.__all__}
    assert exported == modules
