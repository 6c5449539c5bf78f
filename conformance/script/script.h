/*
 * script - a case below the message: what is done on one connection, step by step, and what must come of it.
 *
 * Scripts are rows of the tables *.def in this folder, each a requirement, a number, what is wanted, what must be true of the
 * message afterwards, a name, and the steps. A script has one message, a valid Ping, whose Envelope BODY sends.
 */
#ifndef CONFORM_SCRIPT_H
#define CONFORM_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "conformance/cases/facts.h"
#include "conformance/state/credential.h"
#include "conformance/wire/frames.h"
#include "conformance/wire/manner.h"

enum step_kind {
	STEP_END, /* behind the last one */
#define STEP(name, words) STEP_##name,
#include "conformance/script/step.def"
#undef STEP
};

enum await {
#define AWAIT(name, words) AWAIT_##name,
#include "conformance/script/await.def"
#undef AWAIT
	AWAIT_COUNT
};

enum wanted_kind {
#define WANTED(name, words) WANTED_##name,
#include "conformance/script/wanted.def"
#undef WANTED
	WANTED_COUNT
};

enum probe {
#define PROBE(name, words) PROBE_##name,
#include "conformance/script/probe.def"
#undef PROBE
	PROBE_COUNT
};

enum script_group {
#define GROUP(name, option, why) GROUP_##name,
#include "conformance/script/group.def"
#undef GROUP
	GROUP_COUNT
};

enum http2_code {
#define HTTP2_CODE(name) CODE_##name,
#include "conformance/script/code.def"
#undef HTTP2_CODE
	CODE_COUNT
};

/* What stands in a field: what is written, or what depends on the product or the message, or is long, or fills the section up. */
enum field_value { VALUE_WRITTEN, VALUE_AUTHORITY, VALUE_LENGTH, VALUE_LONG, VALUE_FILL };

struct script_field {
	struct frames_field written;
	enum field_value value;
	int more; /* of VALUE_LENGTH: so many octets more than the Envelope has; of VALUE_FILL: so many has the section up to it, as script_counted() counts */
};

/* What a field counts (RFC 9113, section 6.5.2). */
size_t script_counted(const struct frames_field *f);

struct step {
	enum step_kind kind;
	uint8_t type, flags;
	uint32_t stream;
	const char *octets; /* the payload of FRAME */
	size_t octets_len;
	const struct script_field *fields; /* of HEADERS, up to one without a name */
	size_t n; /* as the words of the kind say; of AWAIT: how many */
	enum await await;
};

struct wanted {
	enum wanted_kind kind;
	uint32_t stream;
	unsigned codes; /* of an end: 1 << code for each that fits; others are weak. 0: any */
	int status;
};

struct script {
	struct case_facts facts;
	const char *stage; /* a word of report/cause.def */
	enum script_group group;
	struct manner manner;
	enum credential credential;
	struct wanted wanted;
	enum probe probe;
	const struct step *steps; /* up to one STEP_END */
};

size_t script_total(void);
const struct script *script_at(size_t i);

/* Of a step, up to but without STEP_END. */
const char *step_words(enum step_kind k);
const char *await_words(enum await a);
const char *wanted_words(enum wanted_kind w);
const char *probe_words(enum probe p);
const char *http2_code_word(uint32_t code); /* "an unknown code" for others */
const char *group_why(enum script_group g);

#endif
