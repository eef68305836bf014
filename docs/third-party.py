#!/usr/bin/env python3
"""Writes THIRD-PARTY-NOTICES.md: what the shipped programs contain that others wrote, with its licence.

Usage: docs/third-party.py           writes the file
       docs/third-party.py --check   says with exit code 1 when the file is out of date

Needs cargo and ui/package-lock.json, and otherwise the standard library alone. Rust crates are those that the programs
are built with on Windows and Linux, not those of tests. Of npm, where everything is bundled, it lists what `ui/src`
imports and what that depends on, tools of those packages included.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "THIRD-PARTY-NOTICES.md"
PLATFORMS = ("x86_64-pc-windows-gnu", "x86_64-pc-windows-msvc", "x86_64-unknown-linux-gnu")
CARRIED = [
    ("BIZ UDGothic Regular", "1.05", "OFL-1.1", "`crates/paper/fonts/`, embedded in PDFs"),
    ("SQLCipher with SQLite", "as in libsqlite3-sys", "BSD-3-Clause, public domain", "compiled into the programs"),
    ("OpenSSL", "as in openssl-src", "Apache-2.0", "compiled into the programs"),
]
# Read from the LICENSE file in the package, where its package.json names none.
READ_FROM_FILE = {"svelte-toolbelt": "MIT"}
# Bare specifiers of import statements, and of @import in style sheets.
IMPORT = re.compile(r"""(?:\bfrom|\bimport|@import)\s*\(?\s*['"]((?:@[^/'"]+/)?[^./'"@$][^/'"]*)""")

# A file that imports these is a test or serves tests.
TESTING = re.compile(r"""from\s*['"](?:vitest|@testing-library/)""")


def crates() -> list[tuple[str, str, str]]:
    """Follows normal and build dependencies from the programs."""
    found = set()
    for platform in PLATFORMS:
        command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", platform]
        metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
        packages = {package["id"]: package for package in metadata["packages"]}
        nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
        members = set(metadata["workspace_members"])
        waiting = [id for id in members if programs_of(packages[id])]
        seen = set(waiting)
        while waiting:
            for dependency in nodes[waiting.pop()]["deps"]:
                shipped = any(kind["kind"] != "dev" for kind in dependency["dep_kinds"])
                if shipped and dependency["pkg"] not in seen:
                    seen.add(dependency["pkg"])
                    waiting.append(dependency["pkg"])
        for id in seen - members:
            package = packages[id]
            licence = package["license"] or f"see {package['license_file'] or 'nowhere'}"
            found.add((package["name"], package["version"], licence))
    return sorted(found)


def programs_of(package: dict) -> list[str]:
    """Returns the shipped programs of a workspace member; xtask only builds and tests."""
    if package["name"] == "xtask":
        return []
    return [target["name"] for target in package["targets"] if "bin" in target["kind"]]


def modules() -> list[tuple[str, str, str]]:
    """Follows the imports of the user interface through the lock file."""
    locked = json.loads((ROOT / "ui/package-lock.json").read_text(encoding="utf-8"))["packages"]
    waiting = []
    for source in (ROOT / "ui/src").rglob("*"):
        if source.suffix in {".ts", ".svelte", ".css"}:
            text = source.read_text(encoding="utf-8")
            names = [] if TESTING.search(text) else IMPORT.findall(text)
            waiting += [path for path in (f"node_modules/{name}" for name in names) if path in locked]
    seen = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        wanted = [*locked[path].get("dependencies", {}), *locked[path].get("peerDependencies", {})]
        waiting += [resolved for name in wanted if (resolved := resolve(path, name, locked))]
    return sorted(entry(path.rpartition("node_modules/")[2], locked[path]) for path in seen)


def entry(name: str, package: dict) -> tuple[str, str, str]:
    return name, package["version"], package.get("license") or READ_FROM_FILE.get(name, "see nowhere")


def resolve(path: str, name: str, locked: dict) -> str | None:
    """Finds a dependency as Node does: nearest node_modules first."""
    while True:
        candidate = f"{path}/node_modules/{name}".lstrip("/")
        if candidate in locked:
            return candidate
        if not path:
            return None
        path = path.rpartition("node_modules/")[0].rstrip("/")


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def document() -> str:
    rust, npm = crates(), modules()
    unlicensed = [name for name, _, licence in rust + npm if licence == "see nowhere"]
    if unlicensed:
        sys.exit(f"no licence given: {', '.join(unlicensed)}")
    head = ("Name", "Version", "Licence")
    return f"""# Third-party notices

What the programs contain that others wrote. Each part stays under its own licence; the text of a crate's or package's
licence is in its source, on crates.io and npmjs.com. Made by `docs/third-party.py`; run it again after changing dependencies.

## Carried along

{table(("Name", "Version", "Licence", "Where"), CARRIED)}

## Rust crates ({len(rust)})

{table(head, rust)}

## npm packages bundled into the window ({len(npm)})

{table(head, npm)}
"""


def main() -> None:
    text = document()
    if "--check" in sys.argv[1:]:
        if not OUTPUT.exists() or OUTPUT.read_text(encoding="utf-8") != text:
            sys.exit("THIRD-PARTY-NOTICES.md is out of date: run docs/third-party.py")
    else:
        OUTPUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
