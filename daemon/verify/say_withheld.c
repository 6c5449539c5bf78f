#include "daemon/verify/say_withheld.h"

#include <inttypes.h>
#include <string.h>

#include "protocol/base/codec.h"
#include "protocol/evidence/dossier.h"

static bool is_here(const struct rxp_dossier *d, const uint8_t fingerprint[RXP_DIGEST_OCTETS])
{
	for (size_t i = 0; i < d->n; i++)
		if (memcmp(d->documents[i].proof.fingerprint, fingerprint, RXP_DIGEST_OCTETS) == 0)
			return true;
	return false;
}

/* What a document that is here says of one that is not: that it was there, and its fingerprint. */
static void say_named(FILE *out, const struct rxp_dossier_document *by, const char *from,
    uint64_t position, const uint8_t fingerprint[RXP_DIGEST_OCTETS])
{
	char hex[RXP_DIGEST_HEX], place[48] = "";

	rxp_hex_put(hex, fingerprint, RXP_DIGEST_OCTETS, false);
	if (position > 0)
		snprintf(place, sizeof(place), "document %" PRIu64 " of ", position);
	fprintf(out,
	    "    Yet document %02u names %s%s%s, with the fingerprint\n    %s, which is none of these: there was one.\n",
	    by->number, place, place[0] == '\0' ? "as seen one of " : "", from, hex);
}

/* What the State that made the container says of it. */
static void say_why(FILE *out, const char *by, const struct rxp_dossier_withheld *w)
{
	static const struct {
		const char *holds, *why;
	} says[RXP_WITHHELD_REASONS] = {
	    [RXP_WITHHELD_ALTERED] = {"has such a document",
		", and that what it holds of it does not\n    verify: it was altered there"},
	    [RXP_WITHHELD_UNNAMED] = {"has such a document",
		", and that no descriptor that is left\n    there names its seal, or that of its answer; or it was altered there"},
	    [RXP_WITHHELD_UNPROVED] = {"has such a document",
		", and that it, or its answer, came back\n    there after a loss, under a seal that was revoked: who stole that "
		"seal can have made it"},
	    [RXP_WITHHELD_MISSING] = {
		"holds nothing of such a document", ", of which others\n    that are here speak"}};

	fprintf(out, "--  %s\n    NOT GIVEN: %s says that it %s of %s%s.\n", w->type, by,
	    says[w->why].holds, w->from, says[w->why].why);
}

void say_withheld(FILE *out, const struct rxp_dossier *d)
{
	if (d->n_withheld == 0)
		return;
	for (size_t i = 0; i < d->n_withheld; i++)
		say_why(out, d->signer->party, &d->withheld[i]);
	for (size_t i = 0; i < d->n; i++) {
		const struct rxp_dossier_document *by = &d->documents[i];
		const struct rxp_header *h = &by->proof.header;

		if (by->seal != RXP_DOUBT_NONE)
			continue;
		if (h->has_previous && !is_here(d, h->previous))
			say_named(out, by, by->from, h->position - 1, h->previous);
		if (h->has_seen && !is_here(d, h->seen))
			say_named(out, by, h->outer.to, 0, h->seen);
	}
}
