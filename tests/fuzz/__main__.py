"""Coverage-guided fuzzing with Atheris: `python -m tests.fuzz [TARGET…] [--seconds N] [--corpus FOLDER]`.

Each target runs in a process of its own, for so many seconds, beginning with the seeds and with what earlier runs
found worth keeping in the corpus folder. What crashes, hangs or takes too much memory is written to build/fuzz and
the program ends with 1; such an input belongs into tests/hostile/corpus.py, where it stays.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMES = ("loader", "facts", "importers", "journal", "crashpack", "bundle", "archive", "json")
MEMORY_MB, HANGS_AFTER, LONGEST = 2048, 10, 65536


def main() -> int:
    """Fuzz what is asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", default=[], metavar="TARGET", help=f"any of {', '.join(NAMES)}")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument(
        "--seed", type=int, default=0, help="the same one tries the same inputs; 0 takes another each time"
    )
    parser.add_argument("--corpus", type=Path, default=ROOT / "build" / "fuzz" / "corpus")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        return _fuzz(given.one, given.seconds, given.seed, given.corpus)
    if unknown := set(given.targets) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if find_spec("atheris") is None:
        print("Atheris, which fuzzes, is not to be had for this system; the seeds are tried by `make test`.")  # noqa: T201
        return 0
    failed = []
    for name in given.targets or NAMES:
        command = [sys.executable, "-m", "tests.fuzz", "--one", name, "--seconds", str(given.seconds)]
        command += ["--seed", str(given.seed)]
        done = subprocess.run([*command, "--corpus", str(given.corpus)], cwd=ROOT, check=False, capture_output=True)
        told = done.stderr.decode(errors="replace")
        summary = [line for line in told.splitlines() if line.startswith(("Done ", "stat::number_of"))]
        print(f"{name:<10} {'; '.join(summary) or 'found something'}", flush=True)  # noqa: T201
        if done.returncode != 0:
            failed.append(name)
            print(told[-6000:], flush=True)  # noqa: T201
    if failed:
        print(f"Found faults in {', '.join(failed)}; the inputs are in build/fuzz.")  # noqa: T201
    return 1 if failed else 0


def _fuzz(name: str, seconds: int, seed: int, corpus: Path) -> int:
    import atheris

    with atheris.instrument_imports(include=["core"]):
        from tests.fuzz import targets
    folder, crashes = corpus / name, ROOT / "build" / "fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    for number, known in enumerate(targets.seeds(name)):
        (folder / f"seed-{number}").write_bytes(known)
    options = [f"-seed={seed}", f"-max_total_time={seconds}", f"-timeout={HANGS_AFTER}", f"-rss_limit_mb={MEMORY_MB}"]
    options += [f"-max_len={LONGEST}", f"-artifact_prefix={crashes}/{name}-", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, str(folder)], targets.TARGETS[name])
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
