"""Keys to the control room: tokens, passwords and sessions, kept as digests alone, each change in the audit."""

from datetime import datetime, timedelta

from sqlmodel import col, delete, select

from desk.adapters.ledger.audit import append_audit
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import PersonRow, ReplyRow, SessionRow, TokenRow
from desk.model.access import BEGUN, Reply, Rights, Token, Visitor

_REPLIES_LAST = timedelta(days=1)
_SOON = timedelta(seconds=5)
"""How long a write waits for others to begin, and again to end: who orders a halt has to know soon whether it holds."""


class Access(Repository):
    """Who may come in, and as whom; nothing here sees a password or a key, only what was made of them."""

    async def add_token(self, token: Token, digest: str) -> bool:
        """Let whoever has the key of a digest in; return False, and change nothing, where the name is taken."""
        async with self.database.write() as session:
            if await session.get(TokenRow, token.name) is not None:
                return False
            session.add(_row_of(token, digest))
            await append_audit(
                session, token.made_at, token.who, "token made", token.name, {"rights": token.rights.value}
            )
            return True

    async def tokens(self) -> tuple[Token, ...]:
        """Return every token that lets in, by name."""
        async with self.database.read() as session:
            rows = (await session.exec(select(TokenRow).order_by(col(TokenRow.name)))).all()
        return tuple(Token(row.name, Rights(row.rights), row.who, row.made_at) for row in rows)

    async def revoke_token(self, name: str, *, who: str) -> bool:
        """Let a token in no more from the moment this returns; return whether it did before."""
        async with self.database.write() as session:
            row = await session.get(TokenRow, name)
            if row is None:
                return False
            await session.delete(row)
            await append_audit(session, self._clock.now(), who, "token revoked", name, {"rights": row.rights})
            return True

    async def set_password(self, name: str, password: str, rights: Rights, *, who: str) -> None:
        """Give a person a password, of which this is the hash; the sessions that were begun before it end."""
        now = self._clock.now()
        async with self.database.write() as session:
            await session.merge(PersonRow(name=name, password=password, rights=rights.value, changed_at=now))
            await session.exec(delete(SessionRow).where(col(SessionRow.name) == name))
            await append_audit(session, now, who, "password set", name, {"rights": rights.value})

    async def has_passwords(self) -> bool:
        """Return whether anybody can log in by a password."""
        async with self.database.read() as session:
            return (await session.exec(select(PersonRow.name).limit(1))).first() is not None

    async def password_of(self, name: str) -> tuple[str, Rights] | None:
        """Return the hash of a person's password and what they may do; None where there is no such person."""
        async with self.database.read() as session:
            row = await session.get(PersonRow, name)
            return None if row is None else (row.password, Rights(row.rights))

    async def begin_session(self, visitor: Visitor, ends_at: datetime) -> None:
        """Let the browser in that has the cookie of `visitor.session`, until a time."""
        now = self._clock.now()
        async with self.database.write() as session:
            await session.exec(delete(SessionRow).where(col(SessionRow.ends_at) <= now))
            session.add(
                SessionRow(
                    digest=visitor.session,
                    name=visitor.name,
                    rights=visitor.rights.value,
                    begun_at=now,
                    ends_at=ends_at,
                )
            )
            await append_audit(session, now, visitor.name, "logged in", "control room", {"rights": visitor.rights})

    async def end_session(self, visitor: Visitor) -> None:
        """Let a browser in no more."""
        async with self.database.write() as session:
            await session.exec(delete(SessionRow).where(col(SessionRow.digest) == visitor.session))
            await append_audit(session, self._clock.now(), visitor.name, "logged out", "control room", {})

    async def visitor_with_session(self, digest: str) -> Visitor | None:
        """Return who has the cookie of this digest; None where nobody has, or the session is over."""
        async with self.database.read() as session:
            row = await session.get(SessionRow, digest)
        if row is None or row.ends_at <= self._clock.now():
            return None
        return Visitor(row.name, Rights(row.rights), digest)

    async def visitor_with_token(self, digest: str) -> Visitor | None:
        """Return the program whose key has this digest; None where there is none."""
        async with self.database.read() as session:
            row = (await session.exec(select(TokenRow).where(col(TokenRow.digest) == digest))).first()
        return None if row is None else Visitor(f"token {row.name}", Rights(row.rights))

    async def begin_reply(self, name: str, key: str, request: str) -> Reply | None:
        """Keep a key for a write that a visitor is about to make, and forget what is older than a day.

        Returns:
            What was kept under the key before, and stays so; None where it was free.

        Raises:
            LedgerBusy: others wrote for five seconds; the key is free, and the write has not begun.
        """
        now = self._clock.now()
        async with self.database.write_soon(_SOON) as session:
            await session.exec(delete(ReplyRow).where(col(ReplyRow.at) <= now - _REPLIES_LAST))
            row = await session.get(ReplyRow, (name, key))
            if row is not None:
                return Reply(row.request, row.status, row.body)
            session.add(ReplyRow(name=name, key=key, request=request, status=BEGUN, body="", at=now))
            return None

    async def keep_reply(self, name: str, key: str, reply: Reply) -> None:
        """Write down what a visitor was answered under a key."""
        row = ReplyRow(
            name=name, key=key, request=reply.request, status=reply.status, body=reply.body, at=self._clock.now()
        )
        async with self.database.write_soon(_SOON) as session:
            await session.merge(row)

    async def free_key(self, name: str, key: str) -> None:
        """Forget a write that was begun under a key, and refused before it did anything."""
        async with self.database.write_soon(_SOON) as session:
            await session.exec(delete(ReplyRow).where(col(ReplyRow.name) == name, col(ReplyRow.key) == key))


def _row_of(token: Token, digest: str) -> TokenRow:
    return TokenRow(name=token.name, digest=digest, rights=token.rights.value, who=token.who, made_at=token.made_at)
