#include "daemon/ctl/timestamp.h"

#include <string.h>
#include <sys/random.h>

#include "daemon/ctl/ctl.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/container_seal.h"
#include "protocol/evidence/stamp.h"

static const char *words_of(int rc)
{
	switch (rc) {
	case RXP_ERR_SYNTAX:
		return "its answer is no time-stamp";
	case RXP_ERR_NOT_FOUND:
		return "it gave no time-stamp";
	case RXP_ERR_MISMATCH:
		return "its time-stamp is of another question";
	case RXP_ERR_SEAL:
		return "its time-stamp does not verify";
	default:
		return rxp_err_text(rc);
	}
}

/* What the service says, as a token. */
static int ask(struct ctl *c, const char *url, struct rxp_buf *token,
    const uint8_t imprint[RXP_DIGEST_OCTETS], char problem[WEB_PROBLEM_TEXT])
{
	uint8_t nonce[RXP_STAMP_NONCE_OCTETS];
	struct rxp_buf request, reply;
	int rc = RXP_ERR_IO;

	snprintf(problem, WEB_PROBLEM_TEXT, "%s", rxp_err_text(rc));
	rxp_buf_init(&request, RXP_MAX_STAMP_OCTETS);
	rxp_buf_init(&reply, RXP_MAX_STAMP_REPLY_OCTETS);
	if (getrandom(nonce, sizeof(nonce), 0) == (ssize_t)sizeof(nonce) &&
	    rxp_stamp_request(&request, imprint, nonce) == 0)
		rc = c->web(c->web_arg,
		    &(struct web_question){.url = url,
			.media = "application/timestamp-query",
			.accept = "application/timestamp-reply",
			.body = request.data,
			.body_len = request.len},
		    &reply, problem);
	if (rc == 0 && (rc = rxp_stamp_take(token, reply.data, reply.len, imprint, nonce)) != 0)
		snprintf(problem, WEB_PROBLEM_TEXT, "%s", words_of(rc));
	rxp_buf_free(&request);
	rxp_buf_free(&reply);
	return rc;
}

bool timestamp_put(struct ctl *c, const char *url, struct rxp_buf *signatures)
{
	char problem[WEB_PROBLEM_TEXT] = "";
	uint8_t imprint[RXP_DIGEST_OCTETS];
	struct rxp_buf token, stamped;
	int rc = rxp_container_imprint(imprint, signatures);

	rxp_buf_init(&token, RXP_MAX_STAMP_OCTETS);
	rxp_buf_init(&stamped, RXP_MAX_CONTAINER_TEXT_OCTETS);
	if (rc == 0)
		rc = ask(c, url, &token, imprint, problem);
	if (rc == 0)
		rc = rxp_container_stamp(&stamped, signatures, &token);
	rxp_buf_free(&token);
	if (rc == 0) {
		rxp_buf_free(signatures);
		*signatures = stamped;
		return true;
	}
	rxp_buf_free(&stamped);
	ctl_complain(
	    c, "no time-stamp from %s: %s", url, problem[0] != '\0' ? problem : rxp_err_text(rc));
	return false;
}
