#!/usr/bin/env bash
# bundle.sh BUILD: one archive that installs and runs on a Debian 12 machine without network. It carries the program, its
# plugins, schemas and messages, and every shared library that a plain Debian 12 does not have.
set -euo pipefail
build=$1
version=$(sed -n 's/^project(casebridge VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
name=casebridge-$version-debian12-$(dpkg --print-architecture)
stage=$build/bundle/$name
rm -rf "$build/bundle"; mkdir -p "$stage"
cmake --install "$build" --prefix "$stage" --strip >/dev/null
mkdir -p "$stage/lib/casebridge/lib"
# The libraries of the base system stay: the C library and what comes with it.
base='/(ld-linux[^/]*|libc|libm|libdl|libpthread|librt|libresolv|libgcc_s)\.so'
find "$stage/bin" "$stage/lib/casebridge" -type f \( -perm -u+x -o -name '*.so' \) -exec ldd {} + 2>/dev/null |
  awk '/=> \//{print $3}' | sort -u | grep -Ev "$base" | while read -r library; do
    cp -L "$library" "$stage/lib/casebridge/lib/"
  done
cat > "$stage/install.sh" <<'INSTALL'
#!/bin/sh
# install.sh [PREFIX]: copies the program to PREFIX (default /opt/casebridge). Needs no network.
set -eu
prefix=${1:-/opt/casebridge}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$prefix"
cp -R "$here/bin" "$here/lib" "$here/share" "$prefix/"
echo "casebridge lies at $prefix/bin/casebridge"
"$prefix/bin/casebridge" --version
INSTALL
chmod +x "$stage/install.sh"
cp LICENSE NOTICE README.md "$stage/"
# The same bytes from the same tree: sorted names, one time, no owner.
stamp=$(git log -1 --format=%ct 2>/dev/null || echo 0)
tar --sort=name --mtime="@$stamp" --owner=0 --group=0 --numeric-owner -C "$build/bundle" -cf - "$name" | gzip -n > "$build/$name.tar.gz"
(cd "$build" && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
echo "$build/$name.tar.gz"
