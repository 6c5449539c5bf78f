#include "daemon/base/due_place.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/document/document.h"

#define CASE_AT RXP_TIME_TEXT /* behind the time and a point */
#define PARTY_AT (CASE_AT + RXP_ID_TEXT)

void due_place_text(char out[DUE_PLACE_TEXT], const struct due_place *place)
{
	char time[RXP_TIME_TEXT], id[RXP_ID_TEXT];

	rxp_time_text(time, place->due_ms);
	rxp_id_text(id, place->case_id);
	snprintf(out, DUE_PLACE_TEXT, "%s.%s.%s", time, id, place->peer);
}

int due_place_parse(struct due_place *out, const char *text)
{
	char parts[DUE_PLACE_TEXT];
	struct due_place place;

	if (strlen(text) != sizeof parts - 1 || text[CASE_AT - 1] != '.' ||
	    text[PARTY_AT - 1] != '.')
		return RXP_ERR_SYNTAX;
	memcpy(parts, text, sizeof parts);
	parts[CASE_AT - 1] = parts[PARTY_AT - 1] = '\0';
	if (rxp_time_parse(&place.due_ms, parts) != 0 ||
	    rxp_id_parse(place.case_id, parts + CASE_AT, 4) != 0 ||
	    !rxp_party_valid(parts + PARTY_AT))
		return RXP_ERR_SYNTAX;
	memcpy(place.peer, parts + PARTY_AT, sizeof place.peer);
	*out = place;
	return 0;
}
