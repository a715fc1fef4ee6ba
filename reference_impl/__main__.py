"""Runs the integration: ``python -m reference_impl database | migrate | serve | worker``.

Each prints one JSON line on standard output when it is ready, logs JSON lines to standard error, and ends in order on
SIGTERM. A misconfiguration ends it before anything is opened: one sentence on standard error, exit code 2.
"""

from __future__ import annotations

import argparse
import gc
import sys

from reference_impl import settings as configuration

EXIT_MISCONFIGURED = 2
EXIT_FAILED = 1


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = _parser().parse_args(arguments)
    # What is imported stays: looking through it for garbage again and again is a seventh of the start.
    gc.disable()
    from reference_impl import processes

    try:
        return processes.COMMANDS[options.command](options)
    except configuration.Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_MISCONFIGURED
    except processes.Failed as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reference_impl", description="The reference payment integration.")
    commands = parser.add_subparsers(dest="command", required=True)

    database = commands.add_parser("database", help="run the embedded PostgreSQL until it is ended")
    database.add_argument("--data-dir", required=True, help="where it keeps its files; made if it is not there")
    database.add_argument("--no-fsync", action="store_true", help="faster, loses data with the machine: for tests only")

    commands.add_parser("migrate", help="bring the database at DATABASE_URL up to date")

    serve = commands.add_parser("serve", help="serve the API and the webhook doors")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    serve.add_argument("--no-worker", action="store_true", help="leave the work to `worker` processes")

    worker = commands.add_parser("worker", help="handle the inbox; as many of these as you like")
    worker.add_argument("--nice", type=int, default=5, help="leave the processor to the door while there is a burst")

    for command in (database, serve, worker):
        command.add_argument(
            "--stop-with-parent", action="store_true", help="end when the process that started this one ends"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
