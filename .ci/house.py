#!/usr/bin/env python3
"""House rules as a test: who may include whom, what pure rooms may not know, how files look.

`house.py` checks the tree; `house.py --self-test` shows that each rule catches a breach.
"""
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = (".hpp", ".cpp")
LINES_MAX = 500
COLUMNS_MAX = 100

PURE_LIB = "base validator state membership consensus sync ingest observe machine".split()
IMPURE_LIB = "store driver client".split()
# What each room may include of ours; lib rooms stand without their folder, the facade as "facade".
PURE = ["crdt", "schemas", "crypto", *PURE_LIB]
ARROWS = {
    "crdt": ["crdt"],
    "schemas": ["crdt", "schemas"],
    "crypto": ["crdt", "schemas", "crypto"],
    "transport": ["crdt", "schemas", "crypto", "transport"],
    "base": ["crdt", "schemas", "crypto", "base"],
    "validator": ["crdt", "schemas", "crypto", "validator"],
    "state": ["crdt", "schemas", "crypto", "state"],
    "membership": ["crdt", "schemas", "crypto", "base", "membership"],
    "consensus": ["crdt", "schemas", "crypto", "base", "validator", "membership", "consensus"],
    "ingest": ["crdt", "schemas", "crypto", "base", "validator", "ingest"],
    "sync": ["crdt", "schemas", "crypto", "base", "validator", "state", "membership", "ingest", "sync"],
    "machine": [r for r in PURE if r != "observe"],
    "observe": PURE,
    "store": ["crdt", "schemas", "crypto", "base", "store"],
    "driver": [*PURE, "transport", "store", "driver", "facade"],
    "client": ["crdt", "schemas", "crypto", "base", "validator", "ingest", "transport", "client", "facade"],
    "facade": [*PURE, "transport", "driver", "facade"],
}
# Foreign headers that only some files may know.
KEPT = [
    (r"<zmq(_addon)?\.hp?p?>", r"^(transport/(zmq|zap)|tests/(transport|net)/)"),
    (r"<sodium\.h>", r"^transport/(crypto|key_file)"),
    (r"<simdjson\.h>", r"^(schemas/json_parse\.cpp|bench/|tests/(fuzz|schemas)/)"),
    (r"<lmdb\.h>", r"^lib/store/|^bench/"),
    (r"<toml\+\+/", r"^lib/config_toml\.cpp$"),
    (r"<CLI/", r"^(tools|bench|tests/sim)/"),
    (r"<flatbuffers/", r"^schemas/"),
]
PURE_BANS = [
    (r"\b(steady|system|high_resolution)_clock\b", "a clock: time comes in as an argument"),
    (r"std::random_device|\brand\(|\bgettimeofday\(|\btime\(nullptr\)", "randomness or time of the system"),
    (r"<(thread|mutex|condition_variable|future|shared_mutex)>", "threads"),
    (r"\b(std::)?unordered_(map|set)\b", "an order that is not the same everywhere"),
    (r"\brandom_(seed|bytes)\(", "randomness of the system"),
]
# The one place where a table has buckets, and gives them in the order of their keys.
TABLE = "lib/base/id_table.hpp"
NAPS = re.compile(r"sleep_for|sleep_until|\busleep\(|\bnanosleep\(")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def room_of(path: str) -> str:
    parts = path.split("/")
    if parts[0] == "transport":
        pure = re.match(r"transport/(crypto|key_file|memory|parts|link\.hpp)", path)
        return "crypto" if pure else "transport"
    if parts[0] == "lib":
        return parts[1] if len(parts) > 2 else "facade"
    return parts[0]


def included_room(include: str) -> str:
    parts = include.split("/")
    if parts[0] == "transport":
        return room_of(include)
    if parts[0] in ("crdt", "schemas") or parts[0] in PURE_LIB + IMPURE_LIB:
        return parts[0]
    return "facade"


def faults_of(path: str, text: str) -> list[str]:
    """Every breach of one file."""
    found = []
    room = room_of(path)
    lines = text.splitlines()

    def fault(number, what):
        found.append(f"{path}:{number}: {what}")

    if len(lines) > LINES_MAX:
        fault(len(lines), f"more than {LINES_MAX} lines: which two rooms hide in here?")
    if not any("SPDX-License-Identifier: MIT" in line for line in lines[:12]):
        fault(1, "no licence line")
    if path.endswith(".hpp") and not lines[0].startswith("// "):
        fault(1, "a header opens with what lives in it")
    pure = room in PURE and room != "crypto"
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            fault(number, f"more than {COLUMNS_MAX} columns")
        if UNFINISHED.search(line):
            fault(number, "unfinished work")
        ours = re.match(r'#include "vouch/([^"]+)"', line)
        if ours and room in ARROWS and included_room(ours[1]) not in ARROWS[room]:
            fault(number, f"{room} may not include {included_room(ours[1])} ({ours[1]})")
        for header, home in KEPT:
            if re.match(r"#include " + header, line) and not re.search(home, path):
                fault(number, f"{line.split()[1]} belongs to {home}")
        for ban, why in PURE_BANS if pure and path != TABLE else []:
            if re.search(ban, line.split("//")[0]):
                fault(number, f"{room} is pure: no {why}")
        if path.startswith("tests/") and NAPS.search(line):
            fault(number, "a test waits on a condition with a deadline, it does not sleep")
    return found


def faults_of_mutants(listed: str, read) -> list[str]:
    """A mutant whose place a change has moved would be tried in vain, an hour later (scripts/mutants)."""
    found = []
    for mutant in tomllib.loads(listed)["mutant"]:
        text = read(mutant["file"])
        for before, after in [(mutant["from"], mutant["to"]), *mutant.get("also", [])]:
            if text.count(before) != 1:
                found.append(f"{mutant['file']} has {text.count(before)} places of the mutant \"{mutant['name']}\"")
            text = text.replace(before, after)
    return found


def tree() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [f for f in listed.stdout.splitlines() if f.endswith(CODE) and (ROOT / f).exists()]


HEAD = "// A file.\n// SPDX-License-Identifier: MIT\n"
BREACHES = {
    "layer": ("crdt/a.hpp", HEAD + '#include "vouch/schemas/bytes.hpp"\n'),
    "pure room and driver": ("lib/machine/a.cpp", HEAD + '#include "vouch/driver/driver.hpp"\n'),
    "pure room and sockets": ("lib/sync/a.cpp", HEAD + '#include "vouch/transport/zmq_link.hpp"\n'),
    "clock": ("lib/sync/a.cpp", HEAD + "auto t = std::chrono::steady_clock::now();\n"),
    "random": ("schemas/a.cpp", HEAD + "std::random_device d;\n"),
    "order": ("lib/state/a.hpp", HEAD + "std::unordered_map<int, int> m;\n"),
    "zmq": ("lib/driver/a.cpp", HEAD + "#include <zmq.hpp>\n"),
    "sodium": ("lib/sync/a.cpp", HEAD + "#include <sodium.h>\n"),
    "long file": ("lib/sync/a.cpp", HEAD + "\n" * 600),
    "long line": ("lib/sync/a.cpp", HEAD + "x" * 120 + "\n"),
    "licence": ("lib/sync/a.cpp", "// A file.\n"),
    "nap": ("tests/net/a.cpp", HEAD + "std::this_thread::sleep_for(1s);\n"),
    "unfinished": ("lib/sync/a.cpp", HEAD + "// TO" + "DO later\n"),
}
FINE = ("lib/machine/a.cpp", HEAD + '#include "vouch/sync/replica.hpp"\n#include "vouch/transport/crypto.hpp"\n')


MUTANT = '[[mutant]]\nname = "m"\nfile = "lib/a.cpp"\nfrom = "a < b"\nto = "a <= b"\n'


def self_test() -> int:
    missed = [name for name, (path, text) in BREACHES.items() if len(faults_of(path, text)) != 1]
    missed += ["a file without faults"] if faults_of(*FINE) else []
    mutants = {"a < b;": 0, "b < a;": 1, "a < b; a < b;": 1}
    missed += [f"mutants of {text}" for text, count in mutants.items()
               if len(faults_of_mutants(MUTANT, lambda _, text=text: text)) != count]
    for name in missed:
        print(f"not judged right: {name}")
    print(f"{len(BREACHES) + 1 + len(mutants) - len(missed)} passed, {len(missed)} failed")
    return 1 if missed else 0


def main() -> int:
    if "--self-test" in sys.argv:
        return self_test()
    found = [f for path in tree() for f in faults_of(path, (ROOT / path).read_text())]
    found += faults_of_mutants((ROOT / "tests/sim/mutants.toml").read_text(), lambda path: (ROOT / path).read_text())
    generated = [f for f in tree() if f.endswith("_generated.h")]
    found += [f"{f}: generated code is not committed" for f in generated]
    print("\n".join(found) if found else "no breach")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
