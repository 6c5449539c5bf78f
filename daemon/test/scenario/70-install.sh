#!/bin/bash
# Goal of this scenario: what `make install` puts in place is whole and works there.
# - every program, manual page, the completion, the unit and the user are where a package has them
# - the installed daemon finds its roles and serves an installed readmitctl
. "$(dirname "$0")/lib.sh"
source=$(realpath "$(dirname "$0")/../../..")
root=$work/root usr=$work/root/usr

claim "it installs under DESTDIR" make -s -C "$source" install "B=$(dirname "$build")" DESTDIR="$root" PREFIX=/usr
for file in bin/{readmitd,readmitctl,readmit-verify,readmit-pki,readmit-conform} libexec/readmitd/{gateway,sealer,registry,desk,restore} \
	share/man/man{1/readmitctl.1,1/readmit-pki.1,1/readmit-verify.1,1/readmit-conform.1,5/readmitd.xml.5,8/readmitd.8} \
	share/bash-completion/completions/readmitctl lib/systemd/system/readmitd.service lib/sysusers.d/readmitd.conf; do
	claim "there is $file" [ -s "$usr/$file" ]
done
claim "the unit starts the installed program" grep -qx "ExecStart=/usr/bin/readmitd" "$usr/lib/systemd/system/readmitd.service"
claim "the completion is one" bash -n "$usr/share/bash-completion/completions/readmitctl"
PATH=$usr/bin:$PATH
node_make QRA
claim "the installed daemon finds its configuration right" readmitd --config "$work/QRA/readmitd.xml" --check
node_start QRA
ready() { curl -sf --unix-socket "$work/QRA/api.sock" http://localhost/health/ready; }
claim "and serves" wait_for 10 ready
claim "as itself" [ "$(readlink "/proc/${pid_of[QRA]}/exe")" = "$usr/bin/readmitd" ]
claim "and ends" node_stop QRA
