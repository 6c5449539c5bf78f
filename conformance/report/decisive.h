/*
 * decisive - the one field in which what came differs from what must come, and what is wrong with an answer that nobody can
 * believe. Both are read from the octets that a report keeps.
 */
#ifndef CONFORM_DECISIVE_H
#define CONFORM_DECISIVE_H

#include <stdbool.h>
#include <stddef.h>

#define DECISIVE_VALUE 160

struct report_file;
struct requirement;

struct decisive {
	const char *field; /* "Fingerprint", "Code", "HTTP status"; NULL: no single one */
	char expected[DECISIVE_VALUE], received[DECISIVE_VALUE];
	const char *answer; /* that came: "Receipt", "Refusal"; NULL: none that can be read */
	char code[DECISIVE_VALUE]; /* of a Refusal; otherwise "" */
	bool unbelieved; /* there is an answer to be read, and the suite could not believe it */
	const char *defect; /* of one that was not believed; NULL: none is found in its fields */
	char sent_at
	    [DECISIVE_VALUE]; /* Created of the Envelope that was sent, as text; "": it has none */
	const char *clause; /* that the defect breaks; NULL: no defect */
};

void decisive_read(struct decisive *out, const struct report_file *f, size_t i);

/* The requirement that was broken in a case of another one; NULL: it is the case's own, or none is named. */
const struct requirement *decisive_broken(const struct report_file *f, size_t i);

#endif
