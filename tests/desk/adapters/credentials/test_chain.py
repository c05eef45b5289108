"""Which place has the say, where a new key goes, and what of one is shown."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from desk.adapters.credentials.chain import Chain, credentials
from desk.adapters.credentials.found import Credential, Origin
from desk.adapters.settings import Settings
from desk.errors import ConfigError


@dataclass
class Kept:
    """A store in memory; `broken` keeps it from answering."""

    values: dict[str, str] = field(default_factory=dict)
    broken: bool = False
    writes: int = 0

    def find(self, name: str) -> Credential | None:
        if self.broken:
            raise ConfigError("it does not answer")
        value = self.values.get(name)
        return None if value is None else Credential(name, SecretStr(value), Origin.SECRET_MANAGER, "1")

    def put(self, name: str, value: str) -> None:
        self.values[name] = value
        self.writes += 1

    def refresh(self) -> None: ...


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """`.env` and what a deployment brings along."""
    env_file, brought = tmp_path / ".env", tmp_path / "brought.env"
    env_file.write_text("A=file\nB=file\nC=file\n")
    brought.write_text("A=brought\nB=brought\nC=brought\nD=brought\n")
    return env_file, brought


def test_the_first_place_that_has_a_key_has_the_say(places):
    chain = Chain(Kept({"A": "store", "B": " "}), {"A": "here", "B": "here", "C": ""}, *places)
    found = {name: chain.find(name) for name in "ABCDE"}
    assert {name: one and (one.value.get_secret_value(), one.origin) for name, one in found.items()} == {
        "A": ("store", Origin.SECRET_MANAGER),
        "B": ("here", Origin.ENVIRONMENT),
        "C": ("file", Origin.ENV_FILE),
        "D": ("brought", Origin.DEFAULTS),
        "E": None,
    }


def test_while_the_first_place_does_not_answer_no_other_has_the_say(places):
    with pytest.raises(ConfigError, match="does not answer"):
        Chain(Kept(broken=True), {"A": "here"}, *places).find("A")


def test_a_new_key_goes_to_the_store_where_there_is_one(places):
    store = Kept()
    chain = Chain(store, {"A": "here"}, *places)
    assert chain.put("A", "new") is Origin.SECRET_MANAGER
    assert store.values == {"A": "new"}
    assert chain.find("A").value.get_secret_value() == "new"


def test_without_a_store_a_new_key_goes_to_the_file(places):
    chain = Chain(None, {}, *places)
    assert chain.put("D", "new") is Origin.ENV_FILE
    assert chain.find("D").origin is Origin.ENV_FILE
    assert places[0].read_text() == "A=file\nB=file\nC=file\nD=new\n"


def test_a_key_that_would_not_be_found_is_not_written(places):
    with pytest.raises(ConfigError, match="found one in the environment, which has the say") as told:
        Chain(None, {"A": "canary"}, *places).put("A", "new")
    assert "canary" not in str(told.value)
    assert "A=file" in places[0].read_text()


def test_the_same_key_again_makes_no_new_version(places):
    store = Kept({"A": "same"})
    Chain(store, {}, *places).put("A", "same")
    assert store.writes == 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0123456789abcdef", "…cdef"),
        ("short", "…"),
        ("", "…"),
        ("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA==\n-----END EC PRIVATE KEY-----\n", "…IA=="),
    ],
)
def test_of_a_key_the_last_four_characters_are_shown_and_of_a_short_one_none(value, shown):
    assert Credential("A", SecretStr(value), Origin.ENV_FILE).masked == shown


def test_the_places_of_an_installation_are_those_of_its_settings(places, monkeypatch):
    monkeypatch.setenv("DESK_ENV_FILE", str(places[0]))
    monkeypatch.setenv("E", "here")
    chain = credentials(Settings(credential_defaults=places[1]))
    assert chain.store is None
    assert [chain.find(name).origin for name in "ADE"] == [Origin.ENV_FILE, Origin.DEFAULTS, Origin.ENVIRONMENT]
    both = [credentials(Settings(secret_manager_project="trading")) for _ in range(2)]
    assert both[0].store is both[1].store is not None
