/* Changes that name another party, which is neither the product nor the State that is played (state/parties.h). */
#include "conformance/message/changes.h"

#include <stdio.h>
#include <string.h>

#include "conformance/message/edit.h"
#include "conformance/state/parties.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

#define MAX_VALUE 32 /* octets of what one names */
#define MAX_TEXT 128

int change_from_other(struct draft *d)
{
	memcpy(d->header.outer.from, parties_other(d->parties), sizeof d->header.outer.from);
	return 0;
}

int change_to_other(struct draft *d)
{
	memcpy(d->header.outer.to, parties_other(d->parties), sizeof d->header.outer.to);
	return 0;
}

/* --- only what the Envelope says of the derivation: the key was derived as it should be ------------ */

int change_info_party(struct draft *d)
{
	rxp_info_make(&d->info, rxp_suite_p256.name, parties_other(d->parties), d->outer.to,
	    d->outer.message_id);
	return 0;
}

int change_info_to(struct draft *d)
{
	rxp_info_make(&d->info, rxp_suite_p256.name, d->outer.from, parties_other(d->parties),
	    d->outer.message_id);
	return 0;
}

/* --- in the Document ------------------------------------------------------------------------------- */

static int name_inside(struct draft *d, const char *tag, const char *end)
{
	char text[MAX_TEXT];

	(void)snprintf(text, sizeof text, "%s%s%s", tag, parties_other(d->parties), end);
	return edit_apply(&d->document, &(struct edit){tag, end, text});
}

int change_from_other_inside(struct draft *d)
{
	return name_inside(d, "<From>", "</From>");
}

int change_to_other_inside(struct draft *d)
{
	return name_inside(d, "<To>", "</To>");
}

/* An attribute of the derivation of a compartment: an octet of 0, the party, and what follows (RXP-CMP-002). */
static int name_derived(struct draft *d, const char *attribute, const char *behind)
{
	char value[MAX_VALUE] = "", hex[2 * MAX_VALUE + 1] = "", text[MAX_TEXT];
	int len = snprintf(value + 1, sizeof value - 1, "%s%s", parties_other(d->parties), behind);

	if (len < 0 || (size_t)len >= sizeof value - 1)
		return RXP_ERR_BOUND;
	rxp_hex_put(hex, (const uint8_t *)value, (size_t)len + 1, true);
	(void)snprintf(text, sizeof text, "%s%s\"", attribute, hex);
	return edit_apply(&d->document, &(struct edit){attribute, "\"", text});
}

int change_compartment_from_other(struct draft *d)
{
	return name_derived(d, " PartyUInfo=\"", "");
}

int change_compartment_to_other(struct draft *d)
{
	return name_derived(d, " PartyVInfo=\"", "HEALTH");
}
