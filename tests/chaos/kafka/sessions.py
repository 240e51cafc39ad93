"""What a process is doing in PostgreSQL just now: its sessions are known by the ports of its sockets."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine, text

_LOCKED = "select client_port from pg_stat_activity join pg_locks using (pid) where locktype = 'advisory' and granted"
_IN_TRANSACTION = "select client_port from pg_stat_activity where state like 'idle in transaction%'"


def holds_a_lock(engine: Engine, pid: int) -> bool:
    """Whether a process has an advisory lock: of two relays, the one that sends."""
    return bool(_ports(engine, _LOCKED) & _own_ports(pid))


def is_in_a_transaction(engine: Engine, pid: int) -> bool:
    """Whether PostgreSQL waits for its next statement, with locks held."""
    return bool(_ports(engine, _IN_TRANSACTION) & _own_ports(pid))


def _ports(engine: Engine, query: str) -> set[int]:
    with engine.connect() as connection:
        return set(connection.execute(text(query)).scalars())


def _own_ports(pid: int) -> set[int]:
    sockets = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            sockets.add(str(handle.readlink()))
    table = Path(f"/proc/{pid}/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    rows = [line.split() for line in table]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if f"socket:[{row[9]}]" in sockets}
