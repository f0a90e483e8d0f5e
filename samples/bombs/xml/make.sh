#!/bin/sh
# Writes the large bombs, all synthetic, into a folder: make.sh FOLDER. Each file is named for its danger.
set -eu
out=$1
mkdir -p "$out"
fill() { head -c "$1" /dev/zero | tr '\0' "$2"; }

awk 'BEGIN { printf "<report"; for (i = 0; i < 200000; i++) printf " a%d=\"x\"", i; print "/>" }' > "$out/attributes-200000.xml"
awk 'BEGIN { for (i = 0; i < 200000; i++) printf "<a>"; for (i = 0; i < 200000; i++) printf "</a>" }' > "$out/depth-200000.xml"
{ printf '<report>'; fill 15000000 x; printf '</report>\n'; } > "$out/text-15mb.xml"
{ printf '<report><![CDATA['; fill 15000000 x; printf ']]></report>\n'; } > "$out/cdata-15mb.xml"
{ printf '<!--'; fill 15000000 x; printf -- '--><report/>\n'; } > "$out/comment-15mb.xml"
{ printf '<report a="'; fill 15000000 x; printf '"/>\n'; } > "$out/attribute-15mb.xml"
{ printf '<'; fill 1000000 x; printf '/>\n'; } > "$out/name-1mb.xml"
{ printf '<!DOCTYPE r [<!ENTITY q "'; fill 100000 x; printf '">]><r>'; awk 'BEGIN { for (i = 0; i < 20000; i++) printf "&q;" }'; printf '</r>\n'; } > "$out/quadratic-entity.xml"
awk 'BEGIN { printf "<r>"; for (i = 0; i < 500000; i++) printf "<n%d/>", i; print "</r>" }' > "$out/names-500000.xml"
awk 'BEGIN { printf "<r>"; for (i = 0; i < 500000; i++) printf "<p:e xmlns:p=\"urn:%d\"/>", i; print "</r>" }' > "$out/namespaces-500000.xml"
awk 'BEGIN { printf "<r>"; for (i = 0; i < 3000000; i++) printf "<a/>"; print "</r>" }' > "$out/elements-3000000.xml"
awk 'BEGIN { printf "<r xmlns:s=\"http://niem.gov/niem/structures/2.0\">"; for (i = 0; i < 600000; i++) printf "<e s:ref=\"r%d\"/>", i; print "</r>" }' > "$out/references-600000.xml"
awk 'BEGIN { for (k = 0; k < 200; k++) { printf "<a"; for (i = 0; i < 999; i++) printf " a%d=\"%01000d\"", i, 0; printf ">" } }' | head -c 40000000 > "$out/wide-and-deep.xml"
{ printf '<?xml version="1.0" encoding="UTF-16"?><r>'; fill 3000000 '<'; } > "$out/open-tags.xml"
