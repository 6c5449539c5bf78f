#include "protocol/test/terms_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/limits.h"
#include "protocol/terms/terms.h"
#include "protocol/test/example.h"
#include "protocol/test/fixture.h"

struct rxp_buf terms_read(const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "../profiles/%s.xml", name);
	return example_read(path);
}

struct rxp_buf terms_change(const char *name, const char *from, const char *to)
{
	char path[256];

	snprintf(path, sizeof path, "../profiles/%s.xml", name);
	return example_change(path, from, to);
}

struct rxp_calendar *terms_calendar(const char *name)
{
	struct rxp_calendar *c = calloc(1, sizeof *c);
	struct rxp_buf octets;
	char path[256];

	snprintf(path, sizeof path, "calendars/%s", name);
	octets = terms_read(path);
	if (c == NULL || rxp_calendar_draft(c, octets.data, octets.len, NULL) != 0)
		abort();
	rxp_buf_free(&octets);
	return c;
}

struct rxp_buf terms_seal(struct rxp_buf draft, enum rxp_kind kind, const char *party,
    const struct fixture_key *key, int64_t now_ms)
{
	struct rxp_signer signer = rxp_key_signer_interface(key->signer);
	struct rxp_buf out;

	rxp_buf_init(&out, RXP_MAX_TERMS_OCTETS);
	if (rxp_terms_seal(&out, kind, draft.data, draft.len, party, now_ms, &signer, NULL) != 0)
		abort();
	rxp_buf_free(&draft);
	return out;
}

int terms_open(struct rxp_profile *out, struct rxp_buf octets, const char *party,
    const struct fixture_key *key, struct rxp_reason *reason)
{
	const struct rxp_cert *certs[] = {key->cert};
	int rc = rxp_profile_open(out, octets.data, octets.len, party, certs, 1, reason);

	rxp_buf_free(&octets);
	return rc;
}
