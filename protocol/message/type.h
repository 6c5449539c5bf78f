/*
 * type - the types of Document (message.def) with what each is to a case, and the functions of offices.
 */
#ifndef RXP_TYPE_H
#define RXP_TYPE_H

#include <stdbool.h>

#define RXP_TYPE_TEXT 64 /* a type's wire name with its NUL */
#define RXP_OFFICE_TEXT 24 /* an office's name with its NUL */

enum rxp_type {
#define MESSAGE(name, wire, scope, level, asking, asked, collected, requirement, meaning) \
	RXP_TYPE_##name,
#include "protocol/message/message.def"
#undef MESSAGE
	RXP_TYPE_COUNT
};

enum rxp_scope { RXP_SCOPE_NODE, RXP_SCOPE_CASE };
enum rxp_level {
	RXP_LEVEL_CORE,
	RXP_LEVEL_DEEMED,
	RXP_LEVEL_TAKE_BACK,
	RXP_LEVEL_TRANSIT,
	RXP_LEVEL_REINTEGRATION,
	RXP_LEVEL_COUNT
};

struct rxp_type_row {
	const char *wire;
	enum rxp_scope scope;
	enum rxp_level level;
	/* At the requesting and at the requested State; "": those of the document that opens the case. */
	const char *asking_office, *asked_office;
	bool collected; /* it waits for the desk */
	const char *requirement;
	const char *meaning;
};

const struct rxp_type_row *rxp_type_row(enum rxp_type type);
/* RXP_ERR_NOT_FOUND for a name that is no row of message.def. */
int rxp_type_parse(enum rxp_type *out, const char *wire);
const char *rxp_level_name(enum rxp_level level); /* "Core", "Take-back", … */
int rxp_level_parse(enum rxp_level *out, const char *name);
/* Is it one of the functions of RXP-DOC-006? */
bool rxp_office_valid(const char *office);

#endif
