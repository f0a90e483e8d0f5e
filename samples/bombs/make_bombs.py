#!/usr/bin/env python3
"""Hostile inputs for the readers, each named for its danger. All of it is synthetic.

make_bombs.py            writes the small ones into the folders beside this file (they are committed)
make_bombs.py --large D  writes the large ones into D/delimited, D/json, D/fixed (made when the tests run)

Each must end in a finding within 5 s and 256 MiB: tests/core/read/bombs_test.cpp.
"""
import pathlib, sys

ROW = b"1,TESTARD,EXEMPLE\n"
HEAD = b"id,family,given\n"

SMALL = {
    "delimited/bom-says-utf8-bytes-say-latin1.csv": b"\xef\xbb\xbf" + HEAD + b"1,TESTARD,ZO\xc9\n",
    "delimited/bom-says-utf16-bytes-say-ascii.csv": b"\xff\xfe" + HEAD + ROW * 3,
    "delimited/bom-says-utf32.csv": b"\xff\xfe\0\0" + (HEAD + ROW).decode().encode("utf-32-le"),
    "delimited/utf16-half-a-character.csv": (HEAD + b"1,TESTARD,").decode().encode("utf-16") + b"\x00\xd8" + "\n2,".encode("utf-16-le") + b"\x41",
    "delimited/nul-bytes.csv": HEAD + b"1,TEST\0ARD,EXEMPLE\n\0\0\0,\0,\0\n",
    "delimited/control-characters.csv": HEAD + b"1,\x01\x02\x1b[31m,\x08\n",
    "delimited/invalid-utf8.csv": HEAD + "1,\u00c9\u00e9\u00e8,\u00e0\n".encode() + b"2,\xc3\x28,\xed\xa0\x80\n3,\xf8\x88\x80\x80,\xc0\xaf\n",
    "delimited/unclosed-quote.csv": HEAD + ROW + b'2,"TESTARD,EXEMPLE\n' + ROW * 20,
    "delimited/unclosed-quote-in-every-line.csv": HEAD + b'1,"TESTARD,EXEMPLE\n' * 20,
    "delimited/unclosed-quote-at-the-end.csv": HEAD + ROW + b'2,TESTARD,"',
    "delimited/text-behind-a-quote.csv": HEAD + b'1,"TEST"ARD,"EX "EMPLE""\n',
    "delimited/ragged-rows.csv": HEAD + b"1\n" + b"1,2,3,4,5\n" + ROW,
    "delimited/header-twice.csv": b"id,id,id\n1,2,3\n",
    "delimited/empty.csv": b"",
    "json/bom-only.json": b"\xef\xbb\xbf",
    "json/empty.json": b"",
    "json/invalid-utf8.json": b'{"family":"\xc3\xa9\xc3\xa9","given":"\xff\xfe"}',
    "json/nul-bytes.json": b'{"family":"TEST\0ARD"}',
    "json/nul-between-tokens.json": b'{"family":\0"TESTARD"}',
    "json/escape-of-nul.json": b'{"family":"TEST\\u0000ARD"}',
    "json/half-a-surrogate.json": b'{"family":"\\ud83d","given":"\\udc00\\ud83d"}',
    "json/no-such-escape.json": b'{"path":"C:\\temp\\x"}',
    "json/members-twice.json": b'{"sex":"F","sex":"M","sex":"X"}',
    "json/trailing-comma.json": b'{"reports":[{"id":1},]}',
    "json/two-documents.json": b'{"id":1}\n{"id":2}\n',
    "json/single-quotes.json": b"{'id':1}",
    "json/not-a-number.json": b'{"a":NaN,"b":0x10,"c":01}',
    "json/brackets-crossed.json": b'{"a":[1,2}]',
    "json/cut-in-a-string.json": b'{"reports":[{"id":"1"},{"id":"2',
    "json/bad-lines.jsonl": b'{"id":1}\n{"id":\n]\n{"id":2} {"id":3}\n"\n{"id":4}\n',
    "json/control-characters.json": b'{"family":"TEST\x01ARD\n"}',
    "fixed/invalid-utf8.txt": b"4ON01 \xff\xc3\x28 F\n",
    "fixed/nul-bytes.txt": b"4ON\0\0 12 F\n",
    "fixed/no-such-kind.txt": b"Z???? 12 F\n",
}

MIB = 1 << 20


def large():
    yield "delimited/a-million-columns.csv", b"," * 1_000_000 + b"\n" + HEAD + ROW * 10
    yield "delimited/a-million-columns-in-one-row.csv", HEAD + b"x," * 1_000_000 + b"\n" + ROW * 10
    yield "delimited/a-line-of-64-mib.csv", HEAD + b"x" * (64 * MIB) + b"\n" + ROW
    yield "delimited/a-quoted-cell-of-64-mib.csv", HEAD + b'1,"' + b"x" * (64 * MIB) + b'",2\n' + ROW
    yield "delimited/unclosed-quote-before-64-mib.csv", HEAD + b'1,"x\n' + ROW * (64 * MIB // len(ROW))
    yield "delimited/unclosed-quotes-without-end.csv", HEAD + b'"x\n' * 2_000_000
    yield "delimited/doubled-quotes-without-end.csv", HEAD + b'"' + b'""' * (8 * MIB)
    yield "delimited/quotes-that-never-match.csv", HEAD + b'a,"b"c\n"d\n' * 1_000_000
    yield "delimited/invalid-utf8-everywhere.csv", HEAD + "1,\u00e9\u00e9,\u00e9\n".encode() * 20_000 + b"\xff" * (16 * MIB)
    yield "delimited/nul-everywhere.csv", HEAD + b"\0" * (32 * MIB)
    yield "delimited/utf16-lone-surrogates.csv", b"\xff\xfe" + b"\x00\xd8" * (8 * MIB)
    yield "delimited/ragged-everywhere.csv", HEAD + b"1\n" * 5_000_000
    yield "json/depth-200000.json", b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    yield "json/depth-200000-objects.json", b'{"a":' * 200_000 + b"1" + b"}" * 200_000
    yield "json/depth-200000-unclosed.json", b"[" * 200_000
    yield "json/number-of-a-million-digits.json", b'{"id":' + b"9" * 1_000_000 + b"}"
    yield "json/exponent-of-a-million-digits.json", b'{"id":1e' + b"9" * 1_000_000 + b"}"
    yield "json/string-of-64-mib.json", b'{"id":"' + b"x" * (64 * MIB) + b'"}'
    yield "json/string-of-escapes.json", b'{"id":"' + b"\\u0000" * (4 * MIB) + b'"}'
    yield "json/name-of-64-mib.json", b'{"' + b"x" * (64 * MIB) + b'":1}'
    yield "json/a-million-members.json", b"{" + b",".join(b'"m%d":1' % i for i in range(1_000_000)) + b"}"
    yield "json/a-million-names-in-lines.jsonl", b"".join(b'{"m%d":1}\n' % i for i in range(1_000_000))
    yield "json/members-twice-everywhere.json", b"{" + b'"a":1,' * 2_000_000 + b'"a":1}'
    yield "json/ten-million-values.json", b"[" + b"1," * 10_000_000 + b"1]"
    yield "json/no-line-ends.jsonl", b'{"id":"x"} ' * 2_000_000
    yield "json/unclosed-strings-in-lines.jsonl", b'{"id":"x\n' * 2_000_000
    yield "json/invalid-utf8-everywhere.json", '{"a":"\u00e9'.encode() * 1 + "\u00e9".encode() * 40_000 + b"\xff" * (8 * MIB) + b'"}'
    yield "fixed/a-line-of-64-mib.txt", b"4ON01 12F\n" + b"x" * (64 * MIB) + b"\n4ON01 12F\n"
    yield "fixed/no-such-kind-everywhere.txt", b"Z\n" * 5_000_000


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--large":
        root, bombs = pathlib.Path(sys.argv[2]), large()
    elif len(sys.argv) == 1:
        root, bombs = pathlib.Path(__file__).resolve().parent, SMALL.items()
    else:
        sys.exit(__doc__)
    for name, data in bombs:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


main()
