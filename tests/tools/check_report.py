"""Checks a report on standard input with the parsers that its consumers use.

check_report.py json|sarif|junit. Says what is wrong, exit code 1; prints a short summary otherwise.
"""
import json
import sys
import xml.etree.ElementTree as ElementTree

KEYS = [
    "file", "stream", "ruleset", "events", "valid", "structural_valid", "head", "rejected", "warned",
    "unjudged", "first_rejected", "findings",
]
FINDING_KEYS = ["index", "code", "rule", "severity", "message", "pointer", "related", "suggestion"]
FIRST_KEYS = ["index", "code", "rule", "message", "pointer"]


def need(good, what):
    if not good:
        sys.exit(f"not as specified: {what}")


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def check_json(data):
    need(data.endswith(b"\n"), "the last line ends")
    lines = data.decode("utf-8").split("\n")[:-1]
    for line in lines:
        need("\r" not in line and all(ord(c) >= 0x20 for c in line), "one object on one line")
        report = json.loads(line)
        need(list(report) == KEYS, f"members {list(report)}")
        for key in ("events", "rejected", "warned", "unjudged"):
            need(is_count(report[key]), key)
        for key in ("valid", "structural_valid"):
            need(isinstance(report[key], bool), key)
        head = report["head"]
        need(head is None or (len(head) == 64 and int(head, 16) >= 0), "head")
        need(report["stream"] is None or report["stream"] != "", "stream")
        first = report["first_rejected"]
        need(first is None or list(first) == FIRST_KEYS, "first_rejected")
        need((first is None) == report["valid"], "first_rejected goes with valid")
        for finding in report["findings"]:
            need(list(finding) == FINDING_KEYS, f"members {list(finding)}")
            need(is_count(finding["code"]), "code")
            need(isinstance(finding["rule"], str) and "." in finding["rule"] or finding["rule"] == "limit", "rule")
            need(finding["severity"] in ("fatal", "warning", "info"), "severity")
            need(finding["index"] >= -1, "index")
            need(finding["related"] is None or is_count(finding["related"]), "related")
            for key in ("message", "pointer", "suggestion"):
                need(isinstance(finding[key], str), key)
                finding[key].encode("utf-8")
    print(f"files {len(lines)}")


def check_sarif(data):
    log = json.loads(data.decode("utf-8"))
    need(log["version"] == "2.1.0", "version")
    need(log["$schema"].endswith("sarif-2.1.0.json"), "$schema")
    need(len(log["runs"]) == 1, "one run")
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    need(driver["name"] == "vouch-peer" and driver["version"], "driver")
    ids = [rule["id"] for rule in driver["rules"]]
    need(len(ids) == len(set(ids)) and ids, "rules have different ids")
    for rule in driver["rules"]:
        need(rule["name"] and rule["shortDescription"]["text"] and rule["help"]["text"], "rule texts")
        need(rule["defaultConfiguration"]["level"] in ("error", "warning", "note"), "level of a rule")
    for result in run["results"]:
        need(ids[result["ruleIndex"]] == result["ruleId"], "ruleIndex")
        need(result["level"] in ("error", "warning", "note"), "level")
        need(result["message"]["text"], "message")
        for location in result["locations"]:
            physical = location["physicalLocation"]
            uri = physical["artifactLocation"]["uri"]
            need(uri.isascii() and " " not in uri, f"uri {uri}")
            need(physical["region"]["startLine"] >= 1, "startLine")
            need(location["logicalLocations"][0]["fullyQualifiedName"], "logical location")
    (invocation,) = run["invocations"]
    need(invocation["executionSuccessful"] == (invocation["exitCode"] != 2), "executionSuccessful")
    for notification in invocation["toolExecutionNotifications"]:
        need(notification["level"] == "error" and notification["message"]["text"], "notification")
    print(f"files {len(run['artifacts'])} results {len(run['results'])} "
          f"notifications {len(invocation['toolExecutionNotifications'])}")


def check_junit(data):
    root = ElementTree.fromstring(data)
    need(root.tag == "testsuites", "root")
    totals = {"tests": 0, "failures": 0, "errors": 0}
    for suite in root:
        need(suite.tag == "testsuite" and suite.get("name"), "suite")
        cases = suite.findall("testcase")
        counted = {
            "tests": len(cases),
            "failures": len(suite.findall("testcase/failure")),
            "errors": len(suite.findall("testcase/error")),
        }
        for key, count in counted.items():
            need(int(suite.get(key)) == count, f"{key} of {suite.get('name')}")
            totals[key] += count
        for case in cases:
            need(case.get("name") and case.get("classname"), "names of a case")
    for key, count in totals.items():
        need(int(root.get(key)) == count, f"{key} of all")
    print(f"files {len(root)} failures {totals['failures']} errors {totals['errors']}")


if __name__ == "__main__":
    {"json": check_json, "sarif": check_sarif, "junit": check_junit}[sys.argv[1]](sys.stdin.buffer.read())
