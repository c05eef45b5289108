"""What a reply says is taken literally or not at all."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.adapters.venue_http.reply import Reply, Unreadable

NOW = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def pause(text: str, status: int = 429) -> timedelta | None:
    return Reply(status, {"retry-after": text}, b"").retry_after(NOW)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90", timedelta(seconds=90)),
        (" 7 ", timedelta(seconds=7)),
        ("Wed, 14 Jan 2026 15:05:00 GMT", 5 * MINUTE),
        ("Wed, 14 Jan 2026 14:05:00 GMT", timedelta(0)),
    ],
)
def test_a_pause_is_whole_seconds_or_a_date(text, length):
    assert pause(text) == length


@pytest.mark.parametrize(
    "text", ["", "²", "٣", "1.5", "1e9", "-5", "soon", "Wed, 99 Jan 2026 15:05:00 GMT", "14 Jan 2026 15:05:00"]
)
def test_what_is_neither_is_no_pause(text):
    assert pause(text) is None


@pytest.mark.parametrize("text", ["901", "9" * 400, "9" * 5_000, "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_no_pause_is_longer_than_a_quarter_of_an_hour_and_no_ban_than_three_days(text):
    assert pause(text) == 15 * MINUTE
    assert pause(text, 418) == min(timedelta(days=3), timedelta(seconds=901) if text == "901" else timedelta.max)


@pytest.mark.parametrize("body", [b'{"listenKey":"canary', b"canary\xff"])
def test_a_body_that_is_cut_is_told_by_its_length_and_not_by_its_words(body):
    with pytest.raises(Unreadable, match=f"found {len(body)} bytes of something else") as told:
        Reply(200, {}, body).json()
    assert "canary" not in str(told.value)
