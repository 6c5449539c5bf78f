#!/bin/bash
# Hold the source and the programs against daemon/test/layers.allow: layers.sh BUILD
set -u
build=$1
rules=daemon/test/layers.allow
errors=0 checks=0

wrong() {
	echo "layers: $*"
	errors=$((errors + 1))
}

files=$(find protocol daemon certs conformance -name '*.[ch]' | grep -v '/test/')
[ "$(wc -l <<<"$files")" -gt 100 ] || wrong "found no source files: run it from the top"

# Each include of each file against the include and header rules. Tests may see what they test.
while read -r message; do
	wrong "$message"
done < <(xargs awk -v rules="$rules" '
	BEGIN {
		while ((getline line < rules) > 0) {
			n = split(line, w, " ")
			if (w[1] == "include") { folder[++folders] = w[2]; allow[folders] = line }
			if (w[1] == "header") { header[++headers] = w[2]; where[headers] = line }
		}
	}
	/^#include "/ {
		split($0, q, "\"")
		if (q[2] ~ /^(protocol|daemon|certs|conformance)\//) {
			best = 0
			for (i = 1; i <= folders; i++)
				if (index(FILENAME, folder[i]) == 1 && (!best || length(folder[i]) > length(folder[best])))
					best = i
			ok = 0
			n = split(allow[best], w, " ")
			for (i = 3; i <= n; i++)
				if (index(q[2], w[i]) == 1) ok = 1
			if (!ok) print FILENAME ":" FNR " must not include " q[2]
		} else
			print FILENAME ":" FNR " includes " q[2] " by another path than from the top"
	}
	/^#include </ {
		split($0, q, /[<>]/)
		if (FILENAME ~ /\.h$/ && q[2] ~ /\/|sqlite3|jansson|microhttpd|ares|seccomp/ && q[2] !~ /^(sys|netinet|arpa)\//)
			print FILENAME ":" FNR " is a header and includes third-party " q[2]
		for (i = 1; i <= headers; i++)
			if (index(q[2], header[i]) == 1) {
				ok = 0
				n = split(where[i], w, " ")
				for (j = 3; j <= n; j++)
					if (index(FILENAME, w[j]) == 1) ok = 1
				if (!ok) print FILENAME ":" FNR " must not include " q[2]
			}
	}' <<<"$files")
checks=$((checks + 1))

# What `tsort` makes of pairs: from standard input, nothing or the circles in words.
circles() {
	tsort 2>&1 >/dev/null | sed 's/^tsort: //; s/^-: .*/circle:/' | tr '\n' ' '
}

found=$(xargs grep -H '^#include ".*\.h"' <<<"$files" | sed 's/:#include "/ /; s/"$//' | circles)
[ -z "$found" ] || wrong "headers include each other in a $found"
checks=$((checks + 1))

# A module, which is x.c with x.h, calls nothing that leads back to it. What it reaches by a pointer alone
# (a callback, a table of handlers) is no call. A name is looked up where its program would find it.
calls=$(sed -n "s|^\(.*\)\.c\$|$build/obj/\1.o|p" <<<"$files" | xargs ls 2>/dev/null | xargs objdump -tr | awk '
	function part(path,    w, n) {
		n = split(path, w, "/")
		return n > 2 && w[1] != "protocol" ? w[1] "/" w[2] : w[1]
	}
	/file format/ { module = $1; sub(/.*\/obj\//, "", module); sub(/\.o:$/, "", module) }
	/^RELOCATION RECORDS/ { code = $4 ~ /text/ }
	/^[0-9a-f]+ +g / { owner[part(module), $NF] = module }
	code && /R_/ { name = $3; sub(/[-+]0x.*/, "", name); uses[module, name] = 1 }
	END {
		for (use in uses) {
			split(use, u, SUBSEP)
			split(part(u[1]) " daemon/base protocol", places, " ")
			for (i = 1; i <= 3 && !((places[i], u[2]) in owner); i++)
				;
			if (i <= 3 && owner[places[i], u[2]] != u[1])
				print u[1], owner[places[i], u[2]]
		}
	}')
[ "$(wc -l <<<"$calls")" -gt 500 ] || wrong "found no calls between modules"
found=$(circles <<<"$calls")
[ -z "$found" ] || wrong "modules call each other in a $found"
checks=$((checks + 1))

# Nothing of the product that is woven with defects (conformance/mutant) is in what is released.
found=$(grep -lE 'READMIT_MUTANT|mutant_now' "$build"/bin/* "$build"/libexec/readmitd/* "$build"/lib/*.a)
[ -z "$found" ] || wrong "woven with defects: $found"
checks=$((checks + 1))

# Each row of conformance/mutant finds its place in the sources.
woven=$(mktemp -d)
while read -r message; do wrong "$message"; done < <(awk -f conformance/mutant/weave.awk -v out="$woven" conformance/mutant/*.mutants 2>&1)
rm -r "$woven"
checks=$((checks + 1))

program() {
	if [ -x "$build/libexec/readmitd/$1" ]; then echo "$build/libexec/readmitd/$1"; else echo "$build/bin/$1"; fi
}

while read -r kind name list; do
	case $kind in
	links)
		while read -r needed; do
			case " $list libc ld-linux-x86-64 ld-linux-aarch64 " in
			*" ${needed%%.so*} "*) ;;
			*) wrong "$name names $needed" ;;
			esac
		done < <(readelf -d "$(program "$name")" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
		checks=$((checks + 1))
		;;
	never)
		loaded=$(ldd "$(program "$name")") || wrong "ldd $name"
		for library in $list; do
			! grep -q "$library\.so" <<<"$loaded" || wrong "$name loads $library"
		done
		checks=$((checks + 1))
		;;
	pure)
		undefined=$(nm -u "$build/lib/librxp.a" | awk '{ print $2 }' | sort -u)
		for symbol in $name $list; do
			! grep -qx "$symbol" <<<"$undefined" || wrong "librxp calls $symbol"
		done
		checks=$((checks + 1))
		;;
	esac
done <"$rules"
echo "$((checks - (errors > 0 ? 1 : 0))) passed, $errors failed"
[ "$errors" -eq 0 ]
