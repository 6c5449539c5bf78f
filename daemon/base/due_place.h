/*
 * due_place - a place in the list of cases by what is due: behind which case a page begins.
 *
 * It says the due instant itself, so that it stays a place when nothing of that case is due any more.
 */
#ifndef BASE_DUE_PLACE_H
#define BASE_DUE_PLACE_H

#include <stdint.h>

#include "protocol/base/ident.h"
#include "protocol/base/timestamp.h"

struct due_place {
	int64_t due_ms;
	uint8_t case_id[RXP_ID_OCTETS];
	char peer[RXP_PARTY_TEXT];
};

/* TIME.CASE.PARTY and its NUL. */
#define DUE_PLACE_TEXT (RXP_TIME_TEXT + RXP_ID_TEXT + RXP_PARTY_TEXT)

void due_place_text(char out[DUE_PLACE_TEXT], const struct due_place *place);
int due_place_parse(struct due_place *out, const char *text); /* RXP_ERR_SYNTAX */

#endif
