# readmitd: one make file for everything. Flavours never mix: build/release, build/asan.
#
#   make            the programs, in build/release
#   make demo       two States exchange an application and its answer; WALL=QRB: that State opens no port
#   make test       everything that must hold; what continuous integration runs
#   make install    programs, manual pages, unit: PREFIX=/usr/local, DESTDIR=
#   make help       the other targets

B ?= build
FLAVOUR ?= release
CC = $(if $(filter fuzz,$(FLAVOUR)),clang,gcc)
O = $(B)/$(FLAVOUR)
SHELL = /bin/bash
Q = $(if $(V),,@)

ROLES = gateway sealer registry desk signer
PROGRAMS = readmitd readmitctl readmit-verify readmit-pki readmit-conform

# Debian packages by purpose; `make deps` installs what is missing.
PACKAGES = gcc make pkg-config libc6-dev libssl-dev libxml2-dev libxmlsec1-dev libnghttp2-dev \
	libsqlite3-dev libmicrohttpd-dev libjansson-dev libcurl4-openssl-dev libseccomp-dev \
	libc-ares-dev libzip-dev libp11-kit-dev openssl curl sqlite3 libxml2-utils libjpeg-turbo-progs procps unzip scdoc
PACKAGES_TEST = libcmocka-dev clang-tidy clang-format cppcheck xmlsec1 \
	mandoc nodejs nftables iproute2 softhsm2 opensc
PACKAGES_FUZZ = clang libclang-rt-14-dev

# --- compiling -----------------------------------------------------------------------------------
WARN = -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 \
	-Wundef -Wnull-dereference \
	$(if $(filter gcc,$(CC)),-Wduplicated-cond -Wlogical-op,-Wno-cast-qual)
CFLAGS_release = -O2 -g -D_FORTIFY_SOURCE=2
# Lines and functions are what the sanitizers name; all that a debugger shows besides costs a quarter of compiling.
CFLAGS_asan = -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all -DREADMIT_SANITIZED
CFLAGS_fuzz = -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -DREADMIT_SANITIZED
CFLAGS_mutant = $(CFLAGS_release)
LDFLAGS_release = -Wl,-z,relro,-z,now -pie
LDFLAGS_mutant = $(LDFLAGS_release)
# The gold of binutils, where it is there, links the hundreds of test programs in half the time.
LD_gold := $(if $(shell command -v ld.gold),-fuse-ld=gold)
LDFLAGS_asan = $(LD_gold) -fsanitize=address,undefined
LDFLAGS_fuzz = -fsanitize=fuzzer,address,undefined
PC = $(shell pkg-config $(1) $(2))
CPPFLAGS = -D_GNU_SOURCE -I. -I$(B)/gen -isystem /usr/include/libxml2 -isystem /usr/include/p11-kit-1
CFLAGS = -std=c11 -fPIE -fstack-protector-strong -fvisibility=hidden \
	-ffile-prefix-map=$(CURDIR)=. $(WARN) $(CFLAGS_$(FLAVOUR))
LDFLAGS = -Wl,--as-needed $(LDFLAGS_$(FLAVOUR))
# Asked for once, when it is first wanted: not for each file, nor before what is missing is installed.
XMLSEC_CFLAGS = $(eval XMLSEC_CFLAGS := $$(subst -I/,-isystem /,$$(call PC,--cflags,xmlsec1-openssl)))$(XMLSEC_CFLAGS)

LIBS_rxp = -lxmlsec1-openssl -lxmlsec1 -lxml2 -lcrypto
LIBS_readmitd = -lxml2 -lseccomp -lcrypto
LIBS_gateway = -lnghttp2 -lssl -lcrypto -lcares -lseccomp
LIBS_sealer = $(LIBS_rxp) -lseccomp
LIBS_registry = -lsqlite3 -lcrypto -lseccomp
LIBS_signer = -lcrypto -lseccomp
LIBS_restore = -lsqlite3 $(LIBS_rxp)
LIBS_desk = -lmicrohttpd -ljansson -lcrypto -lseccomp
LIBS_readmitctl = -lcurl -ljansson -lzip $(LIBS_rxp)
LIBS_readmit-verify = -lzip $(LIBS_rxp)
LIBS_readmit-pki = $(LIBS_rxp)
LIBS_readmit-conform = -lnghttp2 -lssl -ljansson $(LIBS_rxp)

# --- sources: a folder is a module list; a large role has its modules in rooms --------------------
SRC_rxp = protocol/init.c $(filter-out protocol/test/%,$(wildcard protocol/*/*.c))
SRC_base = $(wildcard daemon/base/*.c)
SRC_readmitd = daemon/main.c $(wildcard daemon/parent/*.c)
SRC_evidence = $(wildcard daemon/evidence/*.c)
SRC_readmitctl = $(wildcard daemon/ctl/*.c) $(SRC_evidence)
SRC_readmit-verify = $(wildcard daemon/verify/*.c) $(SRC_evidence)
SRC_readmit-pki = $(wildcard certs/*.c)
SRC_readmit-conform = conformance/conform.c $(wildcard $(addprefix conformance/,$(addsuffix /*.c,cli selftest package report run proxy script hear document judge cases message wire example state requirement)))
$(foreach r,$(ROLES),$(eval SRC_$(r) = $$(wildcard daemon/$(r)/*.c daemon/$(r)/*/*.c)))
SRC_restore = $(wildcard daemon/restore/*.c daemon/registry/store/*.c)
TEST_DIRS = protocol/test daemon/test/unit daemon/test/fault conformance/test
UNIT_TESTS = $(patsubst %.c,%,$(wildcard protocol/test/*_test.c daemon/test/unit/*_test.c \
	daemon/test/fault/*_test.c conformance/test/*_test.c))
FUZZERS = $(patsubst %.c,%,$(wildcard protocol/test/fuzz/*_fuzz.c daemon/test/fuzz/*_fuzz.c))
FUZZ_SUPPORT = protocol/test/fixture.c protocol/test/fuzz/fuzz.c \
	$(if $(filter fuzz,$(FLAVOUR)),,protocol/test/fuzz/replay.c)
FAULT_TESTS = $(patsubst %.c,%,$(wildcard protocol/test/fault/*_test.c))
FAULT_SUPPORT = $(addprefix protocol/test/,fixture.c example.c story.c fault/fault.c fault/operation.c \
	fault/operation_container.c fault/workpieces.c)
TOOL = $(O)/tool/terms_embed
SUPPORT_SRC = $(filter-out %_test.c,$(wildcard protocol/test/*.c daemon/test/unit/*.c \
	daemon/test/fault/*.c conformance/test/*.c))
EXAMPLES = $(filter-out spec/examples/ping-envelope.xml, \
	$(sort $(wildcard spec/examples/*.xml spec/examples/invalid/*.xml)))
EXAMPLE_FACTS = $(sort $(wildcard spec/examples/*.txt spec/examples/invalid/*.txt)) protocol/safeguard/safeguard.def
CONFORM_DATA = $(O)/obj/gen/requirement_data.o $(O)/obj/gen/example_data.o $(O)/obj/gen/package_data.o
PICTURES = $(patsubst %,$(B)/demo-pictures/%.jpg,portrait-1 portrait-2 passport)
SCHEMAS = $(sort $(wildcard spec/xsd/*.xsd))

obj = $(patsubst %.c,$(O)/obj/%.o,$(1))

# The flavour mutant is the release with defects woven in, one of which it has at a time (conformance/mutant/weave.awk): the
# sources that rows name are compiled from their copies, and all else are the release's objects.
ifeq ($(FLAVOUR),mutant)
MUTANTS = $(sort $(wildcard conformance/mutant/*.mutants))
WOVEN := $(sort $(shell sed -n 's/^ *in \([^ ]*\).*/\1/p' $(MUTANTS)))
SRC_rxp += conformance/mutant/mutant.c
obj = $(patsubst %.c,$(O)/obj/%.o,$(filter $(WOVEN) conformance/mutant/%,$(1))) \
	$(patsubst %.c,$(B)/release/obj/%.o,$(filter-out $(WOVEN) conformance/mutant/%,$(1)))
$(O)/src/list: conformance/mutant/weave.awk $(MUTANTS) $(WOVEN)
	@mkdir -p $(@D)
	@awk -f $< -v out=$(@D) $(MUTANTS) || { rm -f $@; exit 1; }
$(WOVEN:%.c=$(O)/obj/%.o): $(O)/obj/%.o: $(O)/src/list
	@mkdir -p $(@D)
	@echo "cc woven $*.c"
	$(Q)$(CC) $(CPPFLAGS) $(XMLSEC_CFLAGS) $(CFLAGS) -w -MMD -MP -c -o $@ $(O)/src/$*.c
endif

all: $(PROGRAMS:%=$(O)/bin/%) $(ROLES:%=$(O)/libexec/readmitd/%) $(O)/libexec/readmitd/restore

$(O)/lib/librxp.a: $(call obj,$(SRC_rxp)) $(O)/obj/gen/schema_data.o
$(O)/lib/libbase.a: $(call obj,$(SRC_base))
$(O)/lib/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@echo "ar $@"
	$(Q)ar rcsD $@ $^

define program
$(1): $$(call obj,$$(SRC_$(2))) $(O)/lib/libbase.a $(O)/lib/librxp.a
	@mkdir -p $$(@D)
	@echo "ld $$@"
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) $(O)/lib/libbase.a $(O)/lib/librxp.a $$(LIBS_$(2))
endef
$(O)/bin/readmitd: $(O)/obj/gen/config_schema.o
$(O)/bin/readmit-conform: $(CONFORM_DATA)
$(O)/libexec/readmitd/registry: $(O)/obj/gen/builtin.o
$(foreach p,$(PROGRAMS),$(eval $(call program,$(O)/bin/$(p),$(p))))
$(foreach r,$(ROLES) restore,$(eval $(call program,$(O)/libexec/readmitd/$(r),$(r))))

$(O)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "cc $<"
	$(Q)$(CC) $(CPPFLAGS) $(XMLSEC_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(O)/obj/gen/%.o: $(B)/gen/%.c
	@mkdir -p $(@D)
	@echo "cc $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The schemas travel inside librxp as octets: the library opens no file.
$(B)/gen/schema_data.c: $(SCHEMAS) protocol/xml/embed.awk
	@mkdir -p $(@D)
	@for f in $(SCHEMAS); do printf 'file %s\n' "$$(basename $$f)"; od -An -v -tx1 $$f; done | \
	    awk -f protocol/xml/embed.awk > $@.tmp && mv $@.tmp $@
$(B)/gen/config_schema.c: daemon/parent/config.xsd
	@mkdir -p $(@D)
	@{ printf '#include "daemon/parent/config_schema.h"\n\nconst unsigned char config_schema_octets[] = {\n'; \
	  od -An -v -tx1 $< | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'; \
	  printf '};\nconst size_t config_schema_len = sizeof config_schema_octets;\n'; } > $@.tmp && mv $@.tmp $@

# The requirements of the specification, as the conformance suite knows them.
$(B)/gen/requirement_data.c: spec/rxp-1.md spec/untested.txt conformance/requirement/extract.awk conformance/requirement/requirement_data.h
	@mkdir -p $(@D)
	@{ awk -f conformance/requirement/extract.awk spec/rxp-1.md spec/untested.txt && \
	  sha256sum < spec/rxp-1.md | sed 's/\([0-9a-f]*\).*/const char requirement_specification[] = "\1";/'; } > $@.tmp && mv $@.tmp $@

# What people read in the vectors package, its schema and a program that reads it; and what its due dates are made of.
PACKAGE_TEXTS = $(sort $(wildcard conformance/package/text/*))
PACKAGE_CALENDARS = $(sort $(wildcard spec/profiles/calendars/*.xml conformance/package/calendar/*.xml))
$(B)/gen/package_data.c: $(PACKAGE_TEXTS) $(PACKAGE_CALENDARS) spec/examples/due-dates.txt conformance/package/embed.awk
	@mkdir -p $(@D)
	@{ for f in $(PACKAGE_TEXTS); do echo "shown $$(basename $$f)"; od -An -v -tx1 $$f; done; \
	    for f in $(PACKAGE_CALENDARS); do echo "file calendar/$$(basename $$f)"; od -An -v -tx1 $$f; done; \
	    echo file due-dates.txt; od -An -v -tx1 spec/examples/due-dates.txt; } | \
	    awk -f conformance/package/embed.awk > $@.tmp && mv $@.tmp $@

# Its examples: when each was made, what the invalid ones break, their octets; and a case for each that is invalid.
define example_facts
sed 's/^/created /' spec/examples/created.txt; \
sed -n 's/^SAFEGUARD([A-Z_]*, "\([A-Z0-9-]*\)", SENDER,.*/sender \1/p' protocol/safeguard/safeguard.def; \
for f in $(notdir $(wildcard spec/examples/*.attachments.xml spec/examples/invalid/*.attachments.xml)); do \
    echo "manifest $${f%.attachments.xml}.xml"; done; \
sed 's/^/expected SAFEGUARD /' spec/examples/invalid/expected-safeguards.txt; \
cat spec/examples/invalid/expected.txt spec/examples/invalid/expected-other.txt | sed 's/^/expected FORM /'
endef
$(B)/gen/example_data.c: $(EXAMPLES) $(EXAMPLE_FACTS) conformance/example/example.awk
	@mkdir -p $(@D)
	@{ $(example_facts); for f in $(EXAMPLES:spec/examples/%=%); do \
	    printf 'file %s\n' $$f; od -An -v -tx1 spec/examples/$$f; done; } | \
	    awk -f conformance/example/example.awk > $@.tmp && mv $@.tmp $@
$(B)/gen/conformance/example/example_case.def: $(EXAMPLE_FACTS) conformance/example/case.awk
	@mkdir -p $(@D)
	@{ $(example_facts); } | grep -v '^created' | awk -f conformance/example/case.awk > $@.tmp && mv $@.tmp $@
$(O)/obj/conformance/cases/case.o: $(B)/gen/conformance/example/example_case.def

# The profile of the specification as records: the registry reads no XML.
$(TOOL): $(call obj,daemon/tool/terms_embed.c) $(O)/lib/libbase.a $(O)/lib/librxp.a
	@mkdir -p $(@D)
	@$(CC) $(subst fuzzer,fuzzer-no-link,$(LDFLAGS)) -o $@ $^ $(LIBS_rxp) -lseccomp
$(O)/gen/builtin.c: spec/profiles/customary.xml $(TOOL)
	@mkdir -p $(@D)
	@$(TOOL) < $< > $@.tmp && mv $@.tmp $@
$(O)/obj/gen/%.o: $(O)/gen/%.c
	@mkdir -p $(@D)
	@echo "cc $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# --- unit tests: cmocka, always under AddressSanitizer and UBSan ----------------------------------
# A test program links what it uses of the library, the base, its folder's support files and the modules of the parts named
# in its "links:" comment line, so that a role's module is tested without its main.
$(foreach d,$(TEST_DIRS),$(eval $(O)/lib/$(d)/support.a: $(call obj,$(filter $(d)/%,$(SUPPORT_SRC)))))
PARTS = $(ROLES) parent ctl evidence verify certs conform
MAINS = $(foreach r,$(ROLES),daemon/$(r)/$(r).c) daemon/main.c daemon/ctl/ctl.c daemon/verify/verify.c certs/pki.c conformance/conform.c
SRC_parent = $(SRC_readmitd)
SRC_ctl = $(SRC_readmitctl)
SRC_verify = $(SRC_readmit-verify)
SRC_certs = $(SRC_readmit-pki)
SRC_conform = $(SRC_readmit-conform)
DATA_registry = $(O)/obj/gen/builtin.o
DATA_parent = $(O)/obj/gen/config_schema.o
DATA_conform = $(CONFORM_DATA)
LIBS_ctl = $(LIBS_readmitctl)
LIBS_evidence = -lzip
LIBS_conform = $(LIBS_readmit-conform)
$(foreach p,$(PARTS),$(eval $(O)/lib/part/$(p).a: $(call obj,$(filter-out $(MAINS),$(SRC_$(p)))) $(DATA_$(p))))
TEST_LIBS = $(PARTS:%=$(O)/lib/part/%.a) $(O)/lib/libbase.a $(O)/lib/librxp.a
define find_parts
parts=; libs=; \
	for part in $$(sed -n 's/.*links: *\([a-z ]*\).*/\1/p' $*.c | head -1); do \
	parts+=" $(O)/lib/part/$$part.a"; case $$part in \
	$(foreach p,$(PARTS),($(p)) libs+=" $(LIBS_$(p))";;) \
	*) echo "$*.c: unknown part in its links: line: $$part" >&2; exit 1;; esac; done
endef
define link_test
$(CC) $(LDFLAGS) -o $@ $(O)/obj/$*.o $(1) -Wl,--start-group $$parts $(O)/lib/libbase.a $(O)/lib/librxp.a -Wl,--end-group \
	$$libs $(LIBS_rxp) -lseccomp
endef
$(O)/test/%: $(O)/obj/%.o $(TEST_DIRS:%=$(O)/lib/%/support.a) $(TEST_LIBS)
	@mkdir -p $(@D)
	@$(find_parts); $(call link_test,$(O)/lib/$(dir $*)support.a) -lcmocka

# Fuzz targets: in the flavour fuzz with libFuzzer, in any other as programs that replay a corpus.
$(FUZZERS:%=$(O)/test/%): $(O)/test/%: $(O)/obj/%.o $(call obj,$(FUZZ_SUPPORT)) $(TEST_LIBS)
	@mkdir -p $(@D)
	@$(find_parts); $(call link_test,$(call obj,$(FUZZ_SUPPORT)))

# Fault tests: what our own code allocates goes through functions that can fail.
$(FAULT_TESTS:%=$(O)/test/%): $(O)/test/%: $(O)/obj/%.o $(call obj,$(FAULT_SUPPORT)) $(O)/lib/librxp.a
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free -o $@ \
	    $(filter %.o,$^) $(O)/lib/librxp.a $(LIBS_rxp) -lcmocka

$(O)/bench/%: $(O)/obj/daemon/test/bench/%.o
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $< -lcrypto

# A thin line between two networks of our own, and what measures it.
LINE = $(O)/line/line $(O)/line/probe
$(LINE): $(O)/line/%: $(O)/obj/daemon/test/line/%.o $(O)/obj/daemon/test/line/net.o
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^

$(O)/bench/seal: $(call obj,daemon/test/bench/seal.c daemon/sealer/remote.c) $(O)/lib/libbase.a $(O)/lib/librxp.a
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_rxp) -lseccomp

unit-build: $(patsubst %,$(O)/test/%,$(UNIT_TESTS) $(FAULT_TESTS) $(FUZZERS))
fuzz-build: $(FUZZERS:%=$(O)/test/%)

.SECONDARY:
-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)

.PHONY: all unit-build fuzz-build

# --- checks ----------------------------------------------------------------------------------------
C_FILES = $(shell find protocol daemon certs conformance -name '*.c' | sort)
H_FILES = $(shell find protocol daemon certs conformance -name '*.h' | sort)

# The parts of `make test`, in order; each prints its duration, the last line counts tests.
test: deps
	@daemon/test/run.sh "$(MAKE)" "$(B)" format spec-check release unit,layers,man,scenario+tidy+cppcheck

deps:
	@daemon/test/deps.sh $(PACKAGES) $(PACKAGES_TEST)

release: all
unit:
	@$(MAKE) --no-print-directory FLAVOUR=asan unit-build
	@daemon/test/unit.sh $(B)/asan/test $(TORTURE) $(filter-out $(TORTURE),$(UNIT_TESTS))
	@daemon/test/fuzz.sh replay $(B)/asan/test $(FUZZERS)
scenario: mutant $(LINE) $(PICTURES)
	@daemon/test/scenario.sh $(O) $(sort $(wildcard daemon/test/scenario/[0-9]*.sh))
# The product that is woven with defects, to test the conformance suite with.
mutant: all
	@$(MAKE) --no-print-directory FLAVOUR=mutant all
# The daemon as a product of the conformance suite, and the suite on products with defects, on right ones, and on the second
# implementation and copies of it that are wrong: reports in build/conformance.
conformance:
	@$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc)) mutant $(PICTURES)
	@conformance/run.sh $(O) $(B)/mutant $(B)/conformance
# The vectors package as a folder and as an archive; both are the same whenever they are made.
vectors: all
	@rm -rf $(B)/vectors $(B)/rxp-1-vectors.tar.gz
	@$(O)/bin/readmit-conform vectors $(B)/vectors
	@tar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime=@0 --format=ustar \
	    --transform='s,^vectors,rxp-1-vectors,' -C $(B) -cf - vectors | gzip -9n > $(B)/rxp-1-vectors.tar.gz
	@sha256sum $(B)/rxp-1-vectors.tar.gz
# Each copy of the second implementation that is wrong.
conformance-wrong: all
	@READMIT_SCRIPT_SECONDS=7200 READMIT_WRONG=all daemon/test/scenario.sh $(O) daemon/test/scenario/wrong.sh
# Each product that is right and differs; those that may show anywhere are played with many more cases than in make conformance. LAWFUL,
# which of them.
conformance-lawful: all
	@conformance/lawful.sh $(O) $(LAWFUL)
# The cases of one node, ROUNDS times: each round comes to the same. NODES play them side by side; REPEAT, which roles' cases.
ROUNDS ?= 100
REPEAT ?= respond
conformance-repeat: all
	@conformance/repeat.sh $(O) $(ROUNDS) $(REPEAT)
# Made-up histories of keys on two nodes; READMIT_SEED, READMIT_HISTORY_SECONDS. What happens depends on what the machine does.
key-histories: all $(PICTURES)
	@daemon/test/scenario.sh $(O) daemon/test/scenario/key-histories.sh
# Made-up histories of losses on two or three nodes; the same variables.
loss-histories: all $(PICTURES)
	@daemon/test/scenario.sh $(O) daemon/test/scenario/loss-histories.sh
# Thin and bad lines, the long form: more than ten minutes, figures of each document.
lines: all $(LINE) $(PICTURES)
	@daemon/test/scenario/78-thin.sh $(O) long
# Lines that are bad in other ways: half an hour. A line that is there for seconds a day: three minutes.
rough-lines: all $(LINE) $(PICTURES)
	@daemon/test/scenario/rough-lines.sh $(O)
dark-days: all $(PICTURES)
	@daemon/test/scenario/dark-days.sh $(O)
# Whole cases of the procedure on two nodes with moved clocks, each printed as a case file; minutes.
scenarios: all $(PICTURES)
	@daemon/test/scenarios/run.sh $(O)
layers: all
	@daemon/test/layers.sh $(O)
format:
	@clang-format --dry-run --Werror $(C_FILES) $(H_FILES)
format-fix:
	clang-format -i $(C_FILES) $(H_FILES)
# Many files in one process, since each takes a tenth of a second to start. What it keeps of va_list is wrong in the next file: each
# that has one is alone.
TIDY = sh -c 'clang-tidy --quiet "$$@" -- -std=c11 $(CPPFLAGS) $(XMLSEC_CFLAGS)' -
tidy: $(B)/gen/conformance/example/example_case.def $(B)/gen/schema_data.c $(B)/gen/config_schema.c
	@{ grep -LE 'va_(list|start)' $(C_FILES) | xargs -r -P 2 -n 24 $(TIDY); most=$$?; \
	    grep -lE 'va_(list|start)' $(C_FILES) | xargs -r -P 2 -n 1 $(TIDY) && [ $$most = 0 ]; } >$(B)/tidy.log 2>&1 || \
	    { grep -v 'warnings\? generated' $(B)/tidy.log | head -n 200; exit 1; }
cppcheck:
	@cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr \
	    --suppress=missingIncludeSystem -I. -j 2 $(C_FILES)
# Is each requirement read by people, with a case of the conformance suite in each role that it binds or a reason?
GATE = $(O)/bin/readmit-conform list > $(B)/cases.txt && conformance/requirement/gate.sh $(1) spec/rxp-1.md \
	spec/untested.txt conformance/requirement/no_case.def $(B)/cases.txt $(wildcard conformance/requirement/role/*.def)
spec-check: $(O)/bin/readmit-conform
	@spec/tables.sh check && spec/cited.sh
	@conformance/requirement/gate_test.sh && $(call GATE,check)
spec-tables: $(O)/bin/readmit-conform
	@spec/tables.sh write
	@$(call GATE,mend)
MAN = $(patsubst daemon/man/%.scd,$(B)/man/%,$(wildcard daemon/man/*.scd))
man: $(MAN)
	@for m in $^; do mandoc -T lint -W error $$m || exit 1; done
$(B)/man/%: daemon/man/%.scd
	@mkdir -p $(@D)
	@scdoc < $< > $@
# Each target in turn for FUZZ_SECONDS; what is new goes to build/fuzz/corpus, what fails to
# build/fuzz/found, from where a person takes it into the corpus that every test run replays.
FUZZ_SECONDS ?= 60
fuzz:
	@daemon/test/deps.sh $(PACKAGES) $(PACKAGES_FUZZ)
	@$(MAKE) --no-print-directory FLAVOUR=fuzz fuzz-build
	@daemon/test/fuzz.sh run $(B)/fuzz $(FUZZ_SECONDS) \
	    $(if $(FUZZ_TARGET),$(filter %/$(FUZZ_TARGET)_fuzz,$(FUZZERS)),$(FUZZERS))
# The fault tests, the longest of all, without leaving any fault out; minutes.
TORTURE = $(FAULT_TESTS) $(filter daemon/test/fault/%,$(UNIT_TESTS))
torture:
	@$(MAKE) --no-print-directory FLAVOUR=asan $(TORTURE:%=$(B)/asan/test/%)
	@RXP_TORTURE=1 UNIT_SECONDS=3600 daemon/test/unit.sh $(B)/asan/test $(TORTURE)
# Documents per second from one desk to the other's receipt, and what the roles need for it.
bench: all $(O)/bench/load $(O)/bench/floor $(PICTURES)
	@daemon/test/bench/bench.sh $(O) $(O)/bench
# Signatures per second of a seal key in memory and of one in a token.
bench-token: all $(O)/bench/seal
	@daemon/test/bench/token.sh $(O) $(O)/bench
test-published-vectors:
	@$(MAKE) --no-print-directory FLAVOUR=asan $(B)/asan/test/protocol/test/published_vectors_test
	RXP_XMLENC_VECTORS="$(RXP_XMLENC_VECTORS)" $(B)/asan/test/protocol/test/published_vectors_test

# What is installed first is there for a make of its own, however many jobs it runs.
demo: demo-deps
	@$(MAKE) --no-print-directory demo-play
demo-play: all $(PICTURES)
	@daemon/test/demo.sh $(O) $(B)/demo $(WALL)
# Invented pictures, real files of their kind: portraits above 50 kB, a passport page above 2 MB.
$(B)/demo-pictures/portrait-%.jpg: daemon/test/picture.awk
	@mkdir -p $(@D)
	awk -v kind=portrait -v w=480 -v h=600 -v seed=$* -f $< | cjpeg -quality 92 > $@
$(B)/demo-pictures/passport.jpg: daemon/test/picture.awk
	@mkdir -p $(@D)
	awk -v kind=page -v w=2480 -v h=1754 -v seed=9 -f $< | cjpeg -quality 97 > $@
# Seals and envelopes of a real exchange, checked by software that shares nothing with ours.
crosscheck:
	@daemon/test/deps.sh $(PACKAGES) $(PACKAGES_TEST) openjdk-17-jdk-headless python3
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory FLAVOUR=asan $(B)/asan/test/protocol/test/compartment_document_test
	@command -v npm >/dev/null || daemon/test/deps.sh npm
	@mkdir -p $(B)/crosscheck && cp conformance/crosscheck/package*.json $(B)/crosscheck
	@cd $(B)/crosscheck && npm ci --ignore-scripts --no-audit --no-fund --silent
	@conformance/crosscheck/run.sh $(O) $(B)/asan/test/protocol/test $(B)/crosscheck
demo-deps:
	@daemon/test/deps.sh $(PACKAGES) $(if $(WALL),nftables iproute2)

PREFIX ?= /usr/local
TO = $(DESTDIR)$(PREFIX)
install: all $(MAN)
	install -d $(TO)/bin $(TO)/libexec/readmitd $(TO)/share/bash-completion/completions \
	    $(TO)/lib/systemd/system $(TO)/lib/sysusers.d
	install -m 755 $(PROGRAMS:%=$(O)/bin/%) $(TO)/bin
	install -m 755 $(ROLES:%=$(O)/libexec/readmitd/%) $(O)/libexec/readmitd/restore $(TO)/libexec/readmitd
	for m in $(MAN); do install -D -m 644 $$m $(TO)/share/man/man$${m##*.}/$${m##*/} || exit 1; done
	$(O)/bin/readmitctl completion bash > $(TO)/share/bash-completion/completions/readmitctl
	sed 's,@PREFIX@,$(PREFIX),' daemon/readmitd.service.in > $(TO)/lib/systemd/system/readmitd.service
	install -m 644 daemon/readmitd.sysusers $(TO)/lib/sysusers.d/readmitd.conf

clean:
	rm -rf $(B)
help:
	@sed -n 's/^#   \(make.*\)/\1/p' Makefile
	@echo 'make unit | scenario | layers | tidy | cppcheck | format | format-fix | spec-check | spec-tables | man | clean'
	@echo 'RXP_XMLENC_VECTORS=DIR make test-published-vectors | crosscheck'
	@echo 'make bench-token: seals per second with a key in memory, and with one in a token'
	@echo 'make bench: documents per second between two nodes, against the floor of this machine'
	@echo 'make conformance: the daemon before the conformance suite, and the suite before products with defects; build/conformance/summary.json'
	@echo 'make vectors: octets with what must come of them, for other software: build/vectors, build/rxp-1-vectors.tar.gz'
	@echo 'ROUNDS=100 make conformance-repeat: the same cases again and again, each time with the same verdicts; REPEAT, NODES'
	@echo 'make key-histories: made-up histories of keys between two nodes; READMIT_SEED, READMIT_HISTORY_SECONDS'
	@echo 'make loss-histories: made-up histories of lost databases; the same variables'
	@echo 'make lines: a thin and bad line between two nodes, ten minutes and their figures'
	@echo 'make rough-lines, make dark-days: lines that are bad in other ways, or there for seconds a day'
	@echo 'make scenarios: whole cases of the procedure, told as case files'
	@echo 'make torture: each allocation of the library, each operation on the database fails once'
	@echo 'FUZZ_SECONDS=60 FUZZ_TARGET=NAME make fuzz: libFuzzer on each parser, or on one of them'

.PHONY: test deps release unit scenario mutant conformance vectors conformance-wrong conformance-lawful conformance-repeat scenarios key-histories loss-histories lines rough-lines dark-days layers format format-fix tidy cppcheck spec-check \
	spec-tables man fuzz torture bench bench-token test-published-vectors crosscheck demo demo-play demo-deps \
	install clean help
