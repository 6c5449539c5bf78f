#include "certs/terms.h"

#include <stdlib.h>

#include "certs/file.h"
#include "certs/options.h"
#include "certs/report.h"
#include "certs/seal_key.h"
#include "daemon/base/clock.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/terms/calendar.h"
#include "protocol/terms/profile.h"
#include "protocol/terms/terms.h"

/* Reads what was sealed as a peer will. */
typedef int opener(const struct rxp_buf *octets, const char *party, const struct rxp_cert *cert,
    struct rxp_reason *reason);

static int open_profile(const struct rxp_buf *octets, const char *party,
    const struct rxp_cert *cert, struct rxp_reason *reason)
{
	struct rxp_profile *p = malloc(sizeof *p);
	int rc = p == NULL ? RXP_ERR_NOMEM
			   : rxp_profile_open(p, octets->data, octets->len, party,
				 (const struct rxp_cert *const[]){cert}, 1, reason);

	free(p);
	return rc;
}

static int open_calendar(const struct rxp_buf *octets, const char *party,
    const struct rxp_cert *cert, struct rxp_reason *reason)
{
	struct rxp_calendar c;

	return rxp_calendar_open(&c, octets->data, octets->len, party,
	    (const struct rxp_cert *const[]){cert}, 1, reason);
}

static int seal(const struct options *o, enum rxp_kind kind, opener *open)
{
	const char *party = options_value(o, OPTION_PARTY);
	const char *out = options_value(o, OPTION_OUT);
	struct seal_key key = {.cert = NULL};
	struct rxp_reason reason = {0};
	struct rxp_buf draft;
	struct rxp_buf sealed;
	int rc;

	if (!rxp_party_valid(party) || o->count[OPTION_SEAL_CERT] != 1)
		return report_failure(party, RXP_ERR_CONFIG);
	rxp_buf_init(&draft, FILE_MAX_OCTETS);
	rxp_buf_init(&sealed, RXP_MAX_TERMS_OCTETS);
	if ((rc = seal_key_open(&key, o)) != 0)
		goto done;
	if ((rc = file_read(&draft, o->file)) != 0) {
		report_failure(o->file, rc);
		goto done;
	}
	while (draft.len > 0 && draft.data[draft.len - 1] == '\n')
		draft.len--; /* nothing follows a root element (RXP-XML-002) */
	rc = rxp_terms_seal(
	    &sealed, kind, draft.data, draft.len, party, clock_wall_ms(), &key.signer, &reason);
	if (rc == 0)
		rc = open(&sealed, party, key.cert, &reason);
	if (rc != 0)
		report_refusal(o->file, rc, &reason);
	else
		rc = report_failure(out, file_create(out, &sealed));
done:
	seal_key_close(&key);
	rxp_buf_free(&draft);
	rxp_buf_free(&sealed);
	return rc;
}

int profile_seal(const struct options *o)
{
	return seal(o, RXP_KIND_PROFILE, open_profile);
}

int calendar_seal(const struct options *o)
{
	return seal(o, RXP_KIND_CALENDAR, open_calendar);
}
