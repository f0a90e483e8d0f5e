#!/usr/bin/env python3
"""What plugins/README.md shows is what the tests build and run.

  readme_code.py SOURCE           writes the code of the examples into the page
  readme_code.py SOURCE --check   exit 1 when the page shows something else

A block of code that follows the line  <!-- shows: PATH -->  is the file at PATH.
"""
import pathlib, re, sys

source = pathlib.Path(sys.argv[1])
page = source / "plugins" / "README.md"
text = page.read_text()


def shown(match):
    return match[1] + match[3] + "\n" + (source / match[2]).read_text() + "```\n"


fresh = re.sub(r"(<!-- shows: (\S+) -->\n)(```\w*)\n.*?^```\n", shown, text, flags=re.S | re.M)
if "--check" in sys.argv:
    if fresh != text:
        sys.exit(f"plugins/README.md shows code that is not what is tested. Write it again:\n  {sys.argv[0]} {source}")
else:
    page.write_text(fresh)
