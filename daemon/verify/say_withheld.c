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

void say_withheld(FILE *out, const struct rxp_dossier *d)
{
	if (d->n_withheld == 0)
		return;
	for (size_t i = 0; i < d->n_withheld; i++)
		fprintf(out,
		    "--  %s\n    NOT GIVEN: %s says that it has such a document of %s, and that what it holds of it does not\n"
		    "    verify: it was altered there, or no descriptor that is left there names its seal.\n",
		    d->withheld[i].type, d->signer->party, d->withheld[i].from);
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
