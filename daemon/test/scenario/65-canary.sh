#!/bin/bash
# Goal of this scenario: nothing that a camera, a scanner or a program wrote into a file leaves the State.
# - a marked text in each place where a file of each kind can hold one, and in its name: the desk refuses the
#   file, names the place, keeps nothing
# - the cleaned copy of it is taken; of a PDF there is none
# - after an exchange none of the marks is in what the other State received, content and files decrypted;
#   the same search finds every mark in the files as they were
. "$(dirname "$0")/lib.sh"
here=$(realpath "$(dirname "$0")/..")
application=$here/../../spec/examples/application-family.xml
pictures=$build/../demo-pictures
[ -f "$pictures/portrait-1.jpg" ] || fail "make first draws the pictures"
files=$work/files
mkdir "$files"

# --- files of each kind, out of octets -------------------------------------------------------------
octet() { printf "\\x$(printf %02x "$1")"; }
be16() { octet $(($1 >> 8 & 255)); octet $(($1 & 255)); }
be32() { be16 $(($1 >> 16)); be16 $(($1 & 65535)); }
# Each of these wraps its standard input.
segment() { # CODE
	cat >"$work/body"
	printf "\\xff\\x$1"
	be16 $(($(stat -c %s "$work/body") + 2))
	cat "$work/body"
}
chunk() { # TYPE
	{ printf %s "$1"; cat; } >"$work/body"
	be32 $(($(stat -c %s "$work/body") - 4))
	cat "$work/body"
	gzip -c "$work/body" | tail -c 8 | head -c 4 | od -An -tx1 | awk '{ printf "\\x%s\\x%s\\x%s\\x%s", $4, $3, $2, $1 }' >"$work/crc"
	printf "$(cat "$work/crc")"
}
box() { # TYPE
	cat >"$work/body-$1"
	be32 $(($(stat -c %s "$work/body-$1") + 8))
	printf %s "$1"
	cat "$work/body-$1"
}
record() { # TYPE
	cat >"$work/body"
	printf '%s.001:%06d' "$1" $((${#1} + 5 + 6 + $(stat -c %s "$work/body") + 1))
	cat "$work/body"
	printf '\x1c'
}
huffman='\0\1\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\2'

# A whole file of a kind on standard output, with MARK in the place named; "all": in all places, "": in none.
# mark PLACE: is the text to go there?
place=
mark() { [ "$place" = "$1" ] || [ "$place" = all ]; }
text() { printf 'CANARY-%s' "$1"; }
make_jpeg() {
	printf '\xff\xd8'
	! mark exif || { printf 'Exif\0\0MM\0*'; text exif; } | segment e1
	! mark xmp || { printf 'http://ns.adobe.com/xap/1.0/\0<x>'; text xmp; } | segment e1
	! mark iptc || { printf 'Photoshop 3.0\0'; text iptc; } | segment ed
	! mark icc || { printf 'ICC_PROFILE\0\1\1'; text icc; } | segment e2
	! mark jpeg-comment || text jpeg-comment | segment fe
	tail -c +3 "$pictures/portrait-1.jpg"
	! mark jpeg-behind || text jpeg-behind
}
make_png() {
	printf '\x89PNG\r\n\x1a\n'
	printf '\0\0\0\1\0\0\0\1\10\0\0\0\0' | chunk IHDR
	! mark text || { printf 'Author\0'; text text; } | chunk tEXt
	! mark itxt || { printf 'XML:com.adobe.xmp\0\0\0\0\0'; text itxt; } | chunk iTXt
	! mark png-exif || { printf 'MM\0*'; text png-exif; } | chunk eXIf
	! mark private || text private | chunk teSt
	printf '\x78\1\1\2\0\xfd\xff\0\x7f\0\x81\0\x80' | chunk IDAT
	printf '' | chunk IEND
	! mark png-behind || text png-behind
}
make_jp2() {
	printf '\r\n\x87\n' | box 'jP  '
	printf 'jp2 \0\0\0\0jp2 ' | box ftyp
	! mark uuid || { printf '0123456789abcdef'; text uuid; } | box uuid
	{
		printf '\0\0\0\10\0\0\0\10\0\1\7\7\0\0' | box ihdr
		printf '\1\0\0\0\0\0\x11' | box colr
		! mark inner || text inner | box xml_
	} | box jp2h
	! mark xml || text xml | box 'xml '
	{
		printf '\xff\x4f'
		printf '\0\0\0\0\0\10\0\0\0\10\0\0\0\0\0\0\0\0\0\0\0\10\0\0\0\10\0\0\0\0\0\0\0\0\0\1\7\1\1' | segment 51
		! mark jp2-comment || { printf '\0\1'; text jp2-comment; } | segment 64
		printf '\0\0\0\1\0\0\4\4\0\1' | segment 52
		printf '\x40\x40' | segment 5c
		printf '\0\0\0\0\0\x10\0\1' | segment 90
		printf '\xff\x93\1\2\xff\xd9'
	} | box jp2c
}
make_wsq() {
	printf '\xff\xa0'
	printf 'NIST_COM 3\nPPI 500\nLOSSY 1\n' | segment a8
	! mark nistcom || { printf 'NIST_COM 2\nPPI 500\nNAME '; text nistcom; printf '\n'; } | segment a8
	! mark wsq-comment || text wsq-comment | segment a8
	printf '\0\xff\0\10\0\10\1\0\1\0\0\1\0\0\0' | segment a2
	printf "$huffman" | segment a6
	printf '\0' | segment a3
	printf '\x55\xff\0\x66\xff\xa1'
}
make_itl() {
	local type2= records=2 agency=XXXXXXX
	! mark type-2 || { type2='\x1e2\x1f00'; records=3; }
	! mark agency || agency=CANARY-agency
	{
		printf "\\x1d1.002:0500\\x1d1.003:1\\x1f$records$type2\\x1e14\\x1f01\\x1e10\\x1f02"
		printf '\x1d1.004:XXX\x1d1.005:20260101\x1d1.007:%s\x1d1.008:XXX\x1d1.009:X' "$agency"
		printf '\x1d1.011:19.69\x1d1.012:19.69'
		! mark domain || { printf '\x1d1.013:'; text domain; }
	} | record 1
	! mark type-2 || { printf '\x1d2.002:00\x1d2.018:'; text type-2; } | record 2
	place="${place/fingers/nistcom}" make_wsq >"$work/inside"
	{
		printf '\x1d14.002:01\x1d14.003:1\x1d14.004:XXX\x1d14.005:20260101\x1d14.006:8\x1d14.007:8\x1d14.011:WSQ20'
		! mark itl-comment || { printf '\x1d14.020:'; text itl-comment; }
		printf '\x1d14.999:'
		cat "$work/inside"
	} | record 14
	place="${place/face/exif}" make_jpeg >"$work/inside"
	{
		printf '\x1d10.002:02\x1d10.003:FACE\x1d10.004:XXX\x1d10.005:20260101\x1d10.006:480\x1d10.007:600\x1d10.011:JPEGB\x1d10.999:'
		cat "$work/inside"
	} | record 10
}
make_pdf() {
	printf '%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog/Pages 2 0 R'
	! mark pdf-metadata || printf '/Metadata 8 0 R'
	printf '>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n'
	printf '3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 480 600]>>\nendobj\n4 0 obj\n<</Filter/DCTDecode>>stream\n'
	place="${place/pdf-exif/exif}" make_jpeg
	printf '\nendstream\nendobj\n'
	! mark pdf-metadata || { printf '8 0 obj\n<</Type/Metadata>>stream\n'; text pdf-metadata; printf '\nendstream\nendobj\n'; }
	! mark pdf-info || { printf '7 0 obj\n<</Author('; text pdf-info; printf ')>>\nendobj\n'; }
	printf 'xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 9/Root 1 0 R'
	! mark pdf-info || printf '/In#66o 7 0 R'
	printf '>>\nstartxref\n9\n%%%%EOF\n'
	! mark pdf-behind || text pdf-behind
}
# The places of each kind, each with the text that marks it.
declare -A places=(
	[jpeg]='exif xmp iptc icc jpeg-comment jpeg-behind'
	[png]='text itxt png-exif private png-behind'
	[jp2]='uuid inner xml jp2-comment'
	[wsq]='nistcom wsq-comment'
	[itl]='type-2 agency domain itl-comment fingers face'
	[pdf]='pdf-info pdf-metadata pdf-exif pdf-behind'
)
marks_of() { # KIND PLACE: the texts in such a file
	case $2 in
	all) grep -aoh 'CANARY-[a-z0-9-]*' "$files/$1-all" | sort -u ;;
	fingers) text nistcom ;;
	face | pdf-exif) text exif ;;
	*) text "$2" ;;
	esac
}

# --- at the desk --------------------------------------------------------------------------------------
node_make QRA
node_make QRB
node_start QRA
node_start QRB
claim "QRA and QRB become peers" eval 'wait_for 10 peer_with QRA QRB && wait_for 10 peer_with QRB QRA'
give() { # FILE KIND: to QRA's desk; prints the status
	local media
	case $2 in
	itl) media=application/x-nist-itl ;;
	pdf) media=application/pdf ;;
	wsq) media=image/x-wsq ;;
	*) media=image/$2 ;;
	esac
	curl -s --max-time 20 --unix-socket "$work/QRA/api.sock" -H 'Content-Type: application/octet-stream' -T "$1" -X POST \
		"http://localhost/v1/attachments?type=photograph&media_type=$media&checked_by=return-officer" -o "$work/answer" -w '%{http_code}'
}
# What the node keeps, beside its log: a hash of names.
kept() { find "$work/QRA/data" -type f -path '*attach*' | sort | sha256sum; }

for kind in jpeg png jp2 wsq itl pdf; do
	place= ; make_$kind >"$files/$kind-clean"
	claim "a $kind file without a mark is taken" [ "$(give "$files/$kind-clean" $kind)" = 201 ]
	before=$(kept)
	for place in ${places[$kind]}; do
		file=$files/CANARY-name-$kind-$place
		make_$kind >"$file"
		claim "the search finds the mark in $kind, $place" grep -aqF "$(marks_of $kind $place)" "$file"
		claim "the desk refuses $kind with $place" [ "$(give "$file" $kind)" = 422 ]
		claim "and names the place, not what it holds" eval \
			'grep -q attachment-not-clean "$work/answer" && grep -q "at octet [0-9]" "$work/answer" && ! grep -q CANARY "$work/answer"'
		readmitctl attachment check "$file" >"$work/check" 2>&1
		claim "as attachment check does" [ $? = 65 ]
		if [ $kind = pdf ]; then
			claim_not "there is no clean copy of a PDF" readmitctl attachment clean "$file" --out "$file-copy"
			continue
		fi
		claim "its clean copy is made" readmitctl attachment clean "$file" --out "$file-copy"
		claim "is taken" [ "$(give "$file-copy" $kind)" = 201 ]
		claim_not "and has no mark" grep -aq CANARY "$file-copy"
		before=$(kept)
	done
	claim "of what was refused nothing is kept" [ "$(kept)" = "$before" ]
done
claim "the clean copy of a JPEG is the one without the marks" cmp "$files/CANARY-name-jpeg-exif-copy" "$files/jpeg-clean"

# --- between two States ---------------------------------------------------------------------------------
for kind in jpeg png jp2 wsq itl; do
	place=all
	make_$kind >"$files/$kind-all"
	marks_of $kind all >>"$work/marks"
	claim "a $kind file with marks in all places is cleaned" \
		readmitctl attachment clean "$files/$kind-all" --out "$files/CANARY-name-$kind-clean"
done
sort -u "$work/marks" -o "$work/marks"
echo CANARY-name >>"$work/marks"
exchange() { # FILE FILE FILE
	ctl QRA message send "$(fresh "$application")" --to QRB "${officers[@]}" --wait 20 --attach "$1" --as photograph --checked-by return-officer \
		--attach "$2" --as document-scan --checked-by return-officer --attach "$3" --as photograph --checked-by return-officer
}
clean=$files/CANARY-name
claim "QRA sends three of the copies" exchange "$clean-jpeg-clean" "$clean-png-clean" "$clean-jp2-clean"
claim "and two more" exchange "$clean-wsq-clean" "$clean-itl-clean" "$clean-jpeg-clean"
claim_not "but not the marked files" exchange "$files/jpeg-all" "$files/png-all" "$files/jp2-all"
mkdir "$work/received"
for id in $(ctl QRB --json inbox list | grep -o '"local_id": *"[^"]*"' | cut -d'"' -f4); do
	claim "QRB reads a document" ctl QRB inbox content "$id" --reason supervision --out "$work/received/$id.xml"
	ctl QRB --json message show "$id" >"$work/received/$id.json"
	for n in 1 2 3; do
		claim "and its file $n" ctl QRB attachment get "$id" $n --reason supervision --out "$work/received/$id-$n"
	done
done
claim "QRB received two documents with three files each" [ "$(find "$work/received" -type f -name '*-[123]' | wc -l)" = 6 ]
claim "the files are the clean copies" cmp "$clean-itl-clean" "$(find "$work/received" -name '*-2' -size "$(stat -c %s "$clean-itl-clean")c")"
claim "there are marks to search for" [ "$(wc -l <"$work/marks")" -ge 20 ]
while read -r text; do
	[ "$text" = CANARY-name ] ||
		claim "the search finds $text in the files as they were" grep -aqF -- "$text" "$files"/*-all
	claim_not "and not in what QRB received" grep -raqF -- "$text" "$work/received"
done <"$work/marks"
node_stop QRA
node_stop QRB
claim_not "nor does any node's log or data hold a mark" grep -raqF CANARY "$work/QRA/log" "$work/QRB/log" "$work/QRA/data" "$work/QRB/data"
