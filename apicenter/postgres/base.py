"""PostgreSQL as the second tenant wall: the server itself is told whose rows a query may touch.

Django's own backend, and before each query that runs in another context than the last one, two settings of the session:
`app.organization` and `app.everyone`. apicenter/row_security.py makes the policies that read them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base

from apicenter.reach import Reach, current_reach

SET_REACH = "SELECT set_config('app.organization', %s, false), set_config('app.everyone', %s, false)"


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows what the server was last told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told: Reach | None = None  # None: nobody knows
        self.execute_wrappers.append(self._tell)

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self.told = None

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]
        self.told = None  # what was set in a transaction goes with it

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self.told = None

    def _tell(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        reach = current_reach()
        if reach != self.told and self.connection is not None:
            with self.connection.cursor() as cursor:
                cursor.execute(SET_REACH, [str(reach.organization or ""), "on" if reach.is_everyone else ""])
            self.told = reach
        return execute(sql, params, many, context)
