"""What becomes of a text by one edit, and which edits are refused."""

import pytest

from desk.accounts.editing.editing import Add, Copy, Put, Remove, edited
from desk.accounts.editing.paths import KeyPath
from desk.accounts.editing.telling import told_value
from desk.errors import ConfigError

path = KeyPath.parse

RULES = """\
policies:
  # The calm one.
  calm: &calm
    rules:
      - {name: spread, limit_bps: 8}   # of bid and ask
      - name: cooldown
        period: 1h
    breaker: {daily: 0.01}
  wild: *calm

  tame:
    <<: *calm
    note:
"""


@pytest.mark.parametrize(
    ("where", "value", "old", "new"),
    [
        ("policies.calm.rules[spread].limit_bps", "9.50", "limit_bps: 8}   # of", "limit_bps: 9.50}   # of"),
        ("policies.calm.rules[1].period", "2h", "period: 1h", "period: 2h"),
        ("policies.calm.rules[0].name", "a, b", "name: spread,", 'name: "a, b",'),
        ("policies.calm.rules[0].zone", "x", "limit_bps: 8}", "limit_bps: 8, zone: x}"),
        ("policies.calm.rules[cooldown].pause", "3h", "period: 1h\n", "period: 1h\n        pause: 3h\n"),
        ("policies.calm.rules[+]", "{name: new}", "1h\n", "1h\n      - {name: new}\n"),
        ("policies.calm.breaker", "{weekly: 2}", "{daily: 0.01}", "{weekly: 2}"),
        ("policies.calm.costs.slippage", "1", "{daily: 0.01}\n", "{daily: 0.01}\n    costs: {slippage: 1}\n"),
        ("policies.wild", "{rules: []}", "wild: *calm", "wild: {rules: []}"),
        ("policies.tame.rules", "[]", "    note:\n", "    note:\n    rules: []\n"),
        ("policies.tame.note", "mine: all mine", "note:\n", 'note: "mine: all mine"\n'),
        ("policies.tame.note.deep", "1", "note:\n", "note:\n      deep: 1\n"),
        ("more", "yes", "    note:\n", "    note:\nmore: yes\n"),
        ("*UP/USDT", "1", "    note:\n", '    note:\n"*UP/USDT": 1\n'),
    ],
)
def test_a_value_is_put_where_its_path_leads(where: str, value: str, old: str, new: str):
    assert RULES.count(old) == 1, old
    assert edited(RULES, Put(path(where), value)) == RULES.replace(old, new)


@pytest.mark.parametrize(
    ("where", "old", "new"),
    [
        ("policies.calm.rules[spread]", "      - {name: spread, limit_bps: 8}   # of bid and ask\n", ""),
        ("policies.calm.rules[0].limit_bps", ", limit_bps: 8", ""),
        ("policies.calm.rules[0].name", "name: spread, ", ""),
        ("policies.calm.rules[1]", "      - name: cooldown\n        period: 1h\n", ""),
        ("policies.calm.breaker.daily", "daily: 0.01", ""),
        ("policies.wild", "  wild: *calm\n", ""),
        ("policies.tame.note", "    note:\n", ""),
    ],
)
def test_a_value_is_removed_with_its_key_and_the_comment_behind_it(where: str, old: str, new: str):
    assert RULES.count(old) == 1, old
    assert edited(RULES, Remove(path(where))) == RULES.replace(old, new)


def test_the_last_key_of_a_block_leaves_braces():
    assert edited("a:\n  # why\n  b: 1  # one\nc: 2\n", Remove(path("a.b"))) == "a:\n  # why\n  {}  # one\nc: 2\n"


def test_a_comma_in_a_comment_is_none_of_the_list_s():
    text = "a: [x, # one, two\n  y]\n"
    assert edited(text, Remove(path("a[0]"))) == "a: [ # one, two\n  y]\n"
    assert edited(text, Remove(path("a[1]"))) == "a: [x # one, two\n  ]\n"
    text = "a: [x # one, two\n  , y # z, z\n  ]\n"
    assert edited(text, Remove(path("a[0]"))) == "a: [ # one, two\n  y # z, z\n  ]\n"
    assert edited(text, Remove(path("a[1]"))) == "a: [x # one, two\n    # z, z\n  ]\n"


ACCOUNTS = """\
accounts:
  # ── the first ──
  one:
    venue: oanda   # where
    # what
    instruments: [EUR/USD]

  two:
    venue: aster
# the end
"""


def test_a_copy_stands_behind_the_original_with_its_comments():
    block = "    venue: oanda   # where\n    # what\n    instruments: [EUR/USD]\n"
    copied = ACCOUNTS.replace(block, f"{block}\n  three:\n{block}")
    assert edited(ACCOUNTS, Copy(path("accounts.one"), "three")) == copied


def test_a_new_entry_has_a_line_for_each_key():
    new = edited(ACCOUNTS, Add(path("accounts.three"), {"venue": "oanda", "description": "a: b", "instruments": "[X]"}))
    entry = '\n  three:\n    venue: oanda\n    description: "a: b"\n    instruments: [X]\n'
    assert new == ACCOUNTS.replace("venue: aster\n", f"venue: aster\n{entry}")


def test_line_ends_a_byte_order_mark_and_a_missing_last_line_end_stay():
    text = "\ufeffa:\r\n  b: 1 # x\r\n  c: 2"
    assert edited(text, Put(path("a.b"), "7")) == text.replace("1", "7")
    assert edited(text, Put(path("a.d"), "7")) == f"{text}\r\n  d: 7\r\n"
    assert edited(text, Remove(path("a.b"))) == "\ufeffa:\r\n  c: 2"


def test_a_file_that_is_not_there_yet_is_begun():
    assert edited("", Put(path("events"), "[]")) == "events: []\n"
    assert edited("# my events\n", Put(path("events"), "[]")) == "# my events\nevents: []\n"


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (Put(path("policies.wild.rules"), "[]"), "written where &calm is; change it there, or give this key its own"),
        (Put(path("policies.calm.breaker.daily.x"), "1"), "found a single value"),
        (Put(path("policies.calm.rules[colldown].x"), "1"), "found 'colldown'; did you mean 'cooldown'?"),
        (Put(path("policies.calm.rules[7]"), "1"), "a place from 0 to 1, found '7'"),
        (Put(path("policies.calm.breaker"), "{a: 1"), "a list or mapping in one line"),
        (Put(path("policies.calm.breaker"), "[a] # b"), "a list or mapping in one line"),
        (Remove(path("policies.calm.braker")), "found 'braker'; did you mean 'breaker'?"),
        (Remove(path("polices")), "written in the file, found 'polices'; did you mean 'policies'?"),
        (Remove(path("policies.calm.rules[1].name")), "remove it by hand"),
        (Copy(path("policies.calm"), "new"), "expected an entry without & and *, found calm"),
        (Copy(path("policies.tame"), "calm"), "expected a new name, found 'calm'"),
        (Add(path("policies.tame"), {}), "expected a new name, found 'tame'"),
        (Add(path("nowhere.tame"), {}), "found 'nowhere'"),
    ],
)
def test_what_cannot_be_done_alone_is_refused_in_words(edit: Put | Remove | Copy | Add, told: str):
    with pytest.raises(ConfigError) as refused:
        edited(RULES, edit)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: |\n  its end is that of the file", Put(path("c"), "3")),
        ("a: 1\na: 2\n", Remove(path("a"))),
        ("a: [b: 1]\n", Put(path("a[0].c"), "3")),
        ("a:\n  -\n  - 1\n", Put(path("a[0]"), "3")),
        ("{a: 1}\n---\nb: 2\n", Put(path("c"), "3")),
        ("a: [\n", Put(path("c"), "3")),
    ],
)
def test_a_text_in_which_more_would_change_is_left_alone(text: str, edit: Put | Remove):
    with pytest.raises(ConfigError, match=r"by hand|expected valid YAML|expected one document"):
        edited(text, edit)


@pytest.mark.parametrize("text", ["", "a..b", ".a", "a b", "a[", "a[]", "[0]", "a]", "a.b."])
def test_what_is_no_path_is_refused(text: str):
    with pytest.raises(ConfigError, match="expected the path of a key"):
        path(text)


@pytest.mark.parametrize("text", ["a", "a.b", "a[0].b", "a.b[x.y]", "allocations.BTC/USDT:USDT", "rules[+]"])
def test_a_path_is_told_as_it_is_read(text: str):
    assert str(path(text)) == text


def test_a_value_is_told_in_one_line_without_comments_and_never_where_it_may_be_a_secret():
    assert told_value(ACCOUNTS, path("accounts.one")) == "{venue: oanda, instruments: [EUR/USD]}"
    assert told_value(ACCOUNTS, path("accounts.none")) == ""
    keys = "connections:\n  mine: {kind: oanda, secrets: {token: CANARY-1}}\n"
    assert told_value(keys, path("connections.mine.kind")) == "oanda"
    for hidden in ("connections.mine", "connections.mine.secrets", "connections.mine.secrets.token"):
        assert told_value(keys, path(hidden)) == "something else"
    long = told_value(f"a: {'x' * 1000}\n", path("a"))
    assert len(long) < 400
    assert "sha256" in long
