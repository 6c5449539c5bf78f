/*
 * exchange - cases of the paths beside that of messages: attachments, pull, descriptor, log. Each is a short conversation about
 * one application with an attachment: steps that lead there, the one that is tried, and steps that show what it left behind.
 *
 * Cases are rows of exchange_*.def: EXCHANGE(requirement, number, name, before, tried, after). Where the specification leaves a
 * choice of status, a step has two.
 */
#ifndef CONFORM_EXCHANGE_H
#define CONFORM_EXCHANGE_H

#include <stddef.h>

#include "conformance/cases/case.h"
#include "conformance/message/body.h"

/* What a response must be; LOG_FIRST and LOG_END: the page behind no entry, and behind all; ENVELOPE: of status 200 an Envelope, of another nothing. */
enum form { FORM_ANY, FORM_EMPTY, FORM_ENVELOPE, FORM_DESCRIPTOR, FORM_LOG_FIRST, FORM_LOG_END };

#define EXCHANGE_END (-1L) /* as an octet of the attachment: behind its last */
#define EXCHANGE_NO_OFFSET (-2L)
#define EXCHANGE_MAX_STEPS 3

struct exchange_step {
	const char *
	    method; /* NULL: no step; "": the application itself is sent, the same octets each time */
	const char
	    *path; /* @NAME@ stands for the attachment's, @ID@ for the application's MessageId */
	const char *type; /* of its content; NULL: none */
	enum body body;
	long from, to; /* octets of the attachment, if that is the body */
	const char *range; /* its Content-Range; NULL: that of those octets */
	struct expect expected;
	int or_status; /* 0: none other */
	long
	    offset; /* that the field rxp-offset must say; EXCHANGE_NO_OFFSET: it is not asked for */
	enum form form;
	/* one more field of the request; NULL: none. The value @JUST NOW@ stands for two seconds ago, as HTTP writes it */
	const char *field, *value;
};

struct exchange {
	struct case_facts facts;
	struct exchange_step before[EXCHANGE_MAX_STEPS], tried, after[EXCHANGE_MAX_STEPS];
};

size_t exchange_total(void);
const struct exchange *exchange_at(size_t i);

#endif
