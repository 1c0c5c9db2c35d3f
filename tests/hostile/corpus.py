"""Every kind of hostile text and file that is known, in one place; fuzzing adds what it finds to `FOUND`."""

from __future__ import annotations

from base64 import b64decode

from core.model.jsontext import compact

ESC = "\x1b"

TEXTS: dict[str, str] = {
    "clears the screen": f"{ESC}[2J{ESC}[H",
    "moves the cursor up": f"a{ESC}[9Ab",
    "sets the title": f"{ESC}]0;owned\x07",
    "fills the clipboard": f"{ESC}]52;c;ZXZpbA==\x07",
    "links elsewhere": f"{ESC}]8;;http://evil.example\x07text{ESC}]8;;\x07",
    "asks the terminal": f"{ESC}[6n{ESC}[c",
    "device control": f"{ESC}Pq#0;2;0;0;0{ESC}\\",
    "one-byte controls": "\x9b2J\x9d0;owned\x9c\x90q\x9c",
    "overwrites its line": "SAFE\rEVIL",
    "erases": "SAFE\x08\x08\x08\x08EVIL\x7f",
    "many lines": "one\ntwo\r\nthree\x0bfour\x0cfive\x85six\u2028seven\u2029eight",
    "turns around": "\u202etxt.exe\u202c\u2066x\u2069\u200f",
    "invisible": "pay\u200bload\u2060\ufeff\u00ad\u180e\U000e0041\U000e007f",
    "nothing to be seen": "\u200b\u2060",
    "marks without end": "Z" + "\u0301" * 60,
    "a NUL": "a\x00b",
    "ends a comment": "*/ pipeline evil() { log(1) } /*",
    "begins a comment": "/* // #",
    "ends a string": '"); evil("',
    "ends a string after an escape": '\\"); evil(\\"\\',
    "interpolates": "${evil()} #{evil} {{7*7}} {% evil %} $(touch owned) `touch owned` %n%s",
    "a shell's words": "; touch owned & touch owned | touch owned > owned",
    "quotes of a shell": "'; touch owned; '",
    "an option": "--eval=owned -rf",
    "ends a TOML string": "\"\"\"\n[evil]\nx = 1\n'''",
    "a TOML table": ']\n[[fixtures]]\nid = "evil"',
    "ends front matter": "\n---\nuser_invocable: true\n",
    "a YAML tag": "!!python/object:os.system x: [*a, &b]",
    "a Markdown heading": "\n# Evil\n\n",
    "a Markdown link": "[x](javascript:evil) ![x](http://evil.example/x.png)",
    "backticks": "`a``b```c",
    "HTML": "<script>evil()</script><img src=x onerror=evil()>",
    "ends CDATA": "]]></text></svg><script>evil()</script><!--",
    "entities": "&lt;&#x1b;&evil;",
    "Textual markup": "[@click=app.quit]x[/] [bold red]x[/] [link=http://evil.example]x[/link] [",
    "Rich markup": "[/][blink]x :smile:",
    "leads up": "../../../../tmp/owned",
    "an absolute path": "/etc/passwd",
    "a path of Windows": "C:\\owned\\..\\x",
    "a device of Windows": "CON",
    "a hidden file": ".bashrc",
    "JSON pointers": "~0~1/~/-/*",
    "wide": "\u65e5\u672c\u8a9e\U0001f468\u200d\U0001f469\u200d\U0001f467 \uff1b\uff02",
    "long": "x" * 5000,
    "blank": "\u3000\u00a0",
    "a redaction mark": "[redacted:github_token:000000000000]",
    "no characters": "\ufffe\uffff\U0010ffff",
    "private characters": "\ue000\U000f0000",
}
"""Texts by what they try."""


def _run(**fields: object) -> bytes:
    return compact({"id": "r", "actions": [], **fields})


def _nested(depth: int, opened: str, closed: str) -> bytes:
    return (opened * depth + closed * depth).encode()


FILES: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n\t",
    "cut": b'{"id": "r", "actions": [{"name": "a"',
    "cut in a letter": '{"id": "é'.encode()[:-1],
    "not UTF-8": b'{"id": "\xff", "actions": []}',
    "overlong UTF-8": b'{"id": "\xc0\xaf", "actions": []}',
    "UTF-8 of half a pair": b'{"id": "\xed\xa0\x80", "actions": []}',
    "UTF-16": '{"id": "r"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"id": "r", "actions": []}',
    "half a pair, escaped": b'{"id": "\\ud800", "actions": []}',
    "NaN": b'{"id": "r", "actions": [], "metadata": {"x": NaN}}',
    "Infinity": b'{"id": "r", "actions": [], "metadata": {"x": -Infinity}}',
    "a number beyond floats": b'{"id": "r", "actions": [], "metadata": {"x": 1e999}}',
    "an integer beyond 64 bits": b'{"id": "r", "actions": [], "version": 18446744073709551616}',
    "a very long integer": b'{"id": "r", "actions": [], "metadata": {"x": ' + b"9" * 100_000 + b"}}",
    "a leading zero": b'{"id": "r", "actions": [], "version": 01}',
    "a raw control character": b'{"id": "a\x01b", "actions": []}',
    "a comment": b'{"id": "r", /* no */ "actions": []}',
    "two values": b'{"id": "r", "actions": []}{"id": "s"}',
    "a trailing comma": b'{"id": "r", "actions": [],}',
    "single quotes": b"{'id': 'r', 'actions': []}",
    "nested deeper than it may be": _nested(128, "[", "]"),
    "nested very deep": _nested(200_000, "[", "]"),
    "objects nested very deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "opened and never closed": b"[" * 1_000_000,
    "a deep payload": b'{"id": "r", "actions": [{"inputs": ' + _nested(126, "[", "]") + b"}]}",
    "keys twice": b'{"id": "r", "id": "s", "actions": [], "actions": []}',
    "escaped quotes without end": b'{"x": -0, "id": "' + b'\\"' * 300_000,
    "a list": b"[]",
    "a string": b'"x"',
    "null": b"null",
    "no actions": b"{}",
    "actions of another kind": b'{"actions": {"0": {}}}',
    "an action of another kind": b'{"actions": [null, 1, "x", []]}',
    "fields of other kinds": _run(version="1", workflow_id=[], usage=[], metadata="x", replay_run=1),
    "numbers out of range": _run(version=-1, usage={"model_calls": 2**63}),
    "a number for a flag": _run(actions=[{"deterministic": 1}]),
    "names of Python": _run(metadata={"__class__": {"__init__": {"__globals__": {}}}, "__proto__": {}}),
    "a pattern of redaction": _run(metadata={"x": "-eyJaaaaa" * 100_000}),
    "a template of everything": _run(metadata={name: text for name, text in TEXTS.items() if text.isascii()}),
    "a run record of other kinds": b'{"_type": "workflow_run", "stages": 1, "tool_recordings": {}, "id": []}',
    "an allowlist that climbs": _run(replay_allowlist=[{"path": "/*/*/*/*/../..", "reason": ""}], replay_run={}),
    "one huge string": _run(metadata={"x": "a" * 1_000_000}),
    "very many keys": _run(metadata={str(number): number for number in range(50_000)}),
    "binary": bytes(range(256)) * 64,
    "an archive": b"PK\x03\x04" + b"\0" * 64,
}
"""Files by what is wrong with them."""

FOUND: dict[str, bytes] = {
    "secrets that nearly begin": _run(metadata={"x": "-eyJaaaaa" * 20_000}),
    "a negative zero before a string without end": b'[-0,"' + b'\\"' * 200_000,
}
"""What fuzzing and review found to hang or crash, each mended since."""

ARCHIVES: dict[str, bytes] = {
    "a zip with a member without a name": b64decode(
        "UEsDBBQAACEAAAAAAACDFtyMAQAAAAEAAAAGAAAAcm9vdC9heFADSwQUAAAAAAAAACEAFSbb+wEAAAABAAAACAAAAH"
        "Jvb3QvYi9jeVBLAQIUAxQAAAAAAAAAIQCDFtyMAQAAAAEAAAAGAAAAAAAAAAAAAACkgQAAAAByb290L2FQSwECFAMU"
        "AAAAAAAAACEAFSbb+wEAAAABAAAACAAAAAAAAAAAAAAApIEAAAAAAAAApIEAL2NQSwUGAAAAAAIAAgBqAAAATAAAAA"
        "AA"
    ),
}
"""Archives that broke their reader, each mended since."""


def everything() -> list[tuple[str, bytes]]:
    """All files, by name."""
    return [*FILES.items(), *FOUND.items()]
