"""The `payharness` command: thin, one function per command, everything heavy imported where it serves.

Exit codes: 0 all passed, 1 the target failed, 2 wrong usage or profile, 3 the harness or its surroundings broke.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from harness.domain.verdicts import EXIT_BROKEN, EXIT_USAGE, HarnessError

app = typer.Typer(
    name="payharness",
    help="Test a payment integration with Gherkin scenarios, and keep evidence that an auditor can check.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

RunDir = Annotated[Path, typer.Option("--run-dir", help="Folder that holds the runs.")]


def _say(sentence: str) -> None:
    print(f"payharness: {sentence}", file=sys.stderr)  # noqa: T201 - this is the command line


@app.command()
def run(
    paths: Annotated[list[Path] | None, typer.Argument(help="Feature files or folders; default: all.")] = None,
    target: Annotated[str, typer.Option(help="`reference`, or the path of a target profile.")] = "reference",
    provider: Annotated[str | None, typer.Option(help="Providers, separated by commas; default: the target's.")] = None,
    tags: Annotated[str | None, typer.Option(help='Which scenarios, e.g. "webhooks and not slow".')] = None,
    workers: Annotated[int, typer.Option("-n", "--workers", min=1, help="Processes that share the scenarios.")] = 1,
    run_dir: RunDir = Path("runs"),
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit file here, too.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random in the run.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the summary.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as JSON on standard output.")] = False,
) -> None:
    """Run scenarios against a target, record what was seen, write the report."""
    from harness.cli.run import run as command

    raise typer.Exit(
        command(
            paths=[str(p) for p in paths or []],
            target=target,
            provider=provider,
            tags=tags,
            workers=workers,
            run_dir=run_dir,
            junit=junit,
            seed=seed,
            quiet=quiet,
            as_json=as_json,
        )
    )


@app.command()
def sim(
    host: Annotated[str, typer.Option(help="Address to listen on; loopback unless you know why not.")] = "127.0.0.1",
    stripe_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of simulated Stripe; 0 picks a free one.")
    ] = 12111,
    paypal_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of simulated PayPal; 0 picks a free one.")
    ] = 12112,
    square_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of simulated Square; 0 picks a free one.")
    ] = 12113,
    providers: Annotated[str, typer.Option(help="Which to start, separated by commas.")] = "stripe,paypal,square",
    seed: Annotated[int, typer.Option(help="Seed of the ids.")] = 0,
) -> None:
    """Simulate the providers on this machine, for any client in any language."""
    from harness.simulator.server import main as command

    ports = ["--stripe-port", str(stripe_port), "--paypal-port", str(paypal_port), "--square-port", str(square_port)]
    raise typer.Exit(command(["--host", host, *ports, "--providers", providers, "--seed", str(seed)]))


@app.command()
def serve(
    target: Annotated[
        str, typer.Option(help="`reference`, or the path of a profile that the harness can launch.")
    ] = "reference",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line with the addresses.")] = False,
) -> None:
    """Start the reference integration, wired to the simulators, and keep it until Ctrl-C."""
    from harness.cli.serve import serve as command

    raise typer.Exit(command(target, as_json=as_json))


@app.command()
def report(
    run: Annotated[str | None, typer.Argument(help="Run id or folder; default: the last run.")] = None,
    saq: Annotated[str, typer.Option(help="Questionnaire of the checklist: A, A-EP or D.")] = "A",
    formats: Annotated[str, typer.Option("--format", help="html, json, junit; separated by commas.")] = "html",
    out: Annotated[Path | None, typer.Option(help="Folder to write to; default: reports/<run id>.")] = None,
    run_dir: RunDir = Path("runs"),
) -> None:
    """Write the report of a run."""
    from harness.cli.report import report as command

    raise typer.Exit(command(run, saq=saq, formats=formats, out=out, run_dir=run_dir))


@app.command()
def findings(
    run: Annotated[str | None, typer.Argument(help="Run id or folder; default: the last run.")] = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    run_dir: RunDir = Path("runs"),
) -> None:
    """What a run found out about each defect of the catalogue, and how it is known."""
    from harness.cli.findings import show as command

    raise typer.Exit(command(run, form=form, run_dir=run_dir))


@app.command()
def verify(
    run: Annotated[str | None, typer.Argument(help="Run id or folder; default: the last run.")] = None,
    run_dir: RunDir = Path("runs"),
) -> None:
    """Check that no byte of a run was changed, removed or added since it was sealed."""
    from harness.cli.verify import verify as command

    raise typer.Exit(command(run, run_dir=run_dir))


@app.command()
def steps(words: Annotated[list[str] | None, typer.Argument(help="Words to search for.")] = None) -> None:
    """The vocabulary: every sentence a scenario may use."""
    from harness.cli.steps import steps as command

    raise typer.Exit(command(" ".join(words or [])))


@app.command()
def prove(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Defects such as R08, or twins such as R08-paypal; default: every twin.", metavar="[NAME]..."
        ),
    ] = None,
    provider: Annotated[str | None, typer.Option(help="Only twins with these providers, separated by commas.")] = None,
    workers: Annotated[int, typer.Option("-n", "--workers", min=1, help="Twins that run at once.")] = 2,
    run_dir: RunDir = Path("runs"),
) -> None:
    """Show that the scenarios can fail: start each red twin and expect its scenario to turn red."""
    from harness.cli.prove import prove as command

    raise typer.Exit(command(names or [], provider=provider, workers=workers, run_dir=run_dir))


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Folder to make; must not hold anything yet.")]) -> None:
    """Make a suite of your own from the product's features."""
    from harness import scaffold

    try:
        made = scaffold.create(folder)
    except scaffold.ScaffoldError as error:
        _say(str(error))
        raise typer.Exit(EXIT_USAGE) from error
    print(f"{made.features} feature files in {made.folder}. Next: cd {made.folder} && payharness run")  # noqa: T201


@app.command()
def doctor(
    target: Annotated[str, typer.Option(help="`reference`, or the path of a target profile.")] = "reference",
) -> None:
    """Check what a run needs: Python, packages, database, ports, folders, the target profile."""
    from harness.cli.doctor import doctor as command

    raise typer.Exit(command(target))


def main() -> None:
    """Entry point; what a person can cause ends in one sentence, never in a traceback."""
    try:
        app()
    except HarnessError as error:
        _say(str(error))
        sys.exit(EXIT_BROKEN)
    except KeyboardInterrupt:
        _say("interrupted")
        sys.exit(EXIT_BROKEN)
