/* The commands statement and verify: what reports come to, signed by a tester; and whether that is so. */
#include <stdio.h>
#include <time.h>

#include "conformance/cli/options.h"
#include "conformance/report/statement.h"
#include "conformance/state/detached.h"
#include "conformance/state/files.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"

#define MAX_STATEMENT_OCTETS (16 * 1024UL * 1024)
#define MAX_SIGNATURE_OCTETS (64 * 1024UL)
#define MAX_PATH 4096
#define SUFFIX ".p7s"

static int complain(const char *what, const char *why, int status)
{
	fprintf(stderr, "readmit-conform: %s: %s\n", what, why);
	return status;
}

/* Where the signature of a statement stands: beside it. */
static int path_of_signature(char out[MAX_PATH], const char *statement)
{
	int n = snprintf(out, MAX_PATH, "%s" SUFFIX, statement);

	return n < 0 || n >= MAX_PATH
		   ? complain(statement, rxp_err_text(RXP_ERR_BOUND), CONFORM_USAGE)
		   : 0;
}

static void put_now(char out[RXP_TIME_TEXT])
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	rxp_time_text(out, (int64_t)now.tv_sec * 1000);
}

static int sign_and_write(const struct rxp_buf *statement, const struct options *o)
{
	const char *path = o->values[OPTION_OUT], *key = o->values[OPTION_KEY];
	char beside[MAX_PATH];
	struct rxp_buf signature;
	int status = path_of_signature(beside, path), rc;

	if (status != 0)
		return status;
	rxp_buf_init(&signature, MAX_SIGNATURE_OCTETS);
	rc = detached_sign(&signature, statement, key, o->values[OPTION_CERTIFICATE]);
	if (rc != 0)
		status = complain(key,
		    rc == RXP_ERR_KEY ? "not a key that can sign, of that certificate"
				      : rxp_err_text(rc),
		    CONFORM_USAGE);
	else if ((rc = files_write(NULL, path, statement)) != 0 ||
		 (rc = files_write(NULL, beside, &signature)) != 0)
		status = complain(path, rxp_err_text(rc), CONFORM_ERROR);
	rxp_buf_free(&signature);
	return status;
}

int command_statement(const struct options *o)
{
	char made[RXP_TIME_TEXT], why[STATEMENT_WHY], result[STATEMENT_RESULT];
	struct rxp_buf statement;
	int status, rc;

	put_now(made);
	rxp_buf_init(&statement, MAX_STATEMENT_OCTETS);
	rc = statement_make(&statement, o->words, o->n_words, made, why);
	if (rc == 0)
		rc = statement_check(result, &statement, NULL, 0, why);
	status =
	    rc == 0 ? sign_and_write(&statement, o) : complain("no statement", why, CONFORM_USAGE);
	if (status == 0)
		printf("%s: %s\n", o->values[OPTION_OUT], result);
	rxp_buf_free(&statement);
	return status;
}

/* The statement and its signature hold; then what the reports say, if there are any. */
static int verify(
    const struct rxp_buf *statement, const struct rxp_buf *signature, const struct options *o)
{
	char why[STATEMENT_WHY], result[STATEMENT_RESULT];
	int rc = detached_verify(statement, signature, o->values[OPTION_CERTIFICATE]);

	if (rc == RXP_ERR_SEAL || rc == RXP_ERR_SYNTAX)
		return complain(
		    o->words[0], "it is not signed so under this certificate", CONFORM_FAILED);
	if (rc != 0)
		return complain(o->values[OPTION_CERTIFICATE], rxp_err_text(rc), CONFORM_USAGE);
	if (statement_check(result, statement, o->words + 1, o->n_words - 1, why) != 0)
		return complain(o->words[0], why, CONFORM_FAILED);
	printf("%s: signed under this certificate, and says: %s\n", o->words[0], result);
	if (o->n_words == 1)
		puts(
		    "the reports were not looked at: give them, in the order in which it names them");
	return CONFORM_PASSED;
}

int command_verify(const struct options *o)
{
	struct rxp_buf statement, signature;
	char beside[MAX_PATH];
	int status, rc;

	if (o->n_words == 0)
		return complain("verify", "it wants a statement", CONFORM_USAGE);
	status = path_of_signature(beside, o->words[0]);
	if (status != 0)
		return status;
	rxp_buf_init(&statement, MAX_STATEMENT_OCTETS);
	rxp_buf_init(&signature, MAX_SIGNATURE_OCTETS);
	rc = files_read(&statement, NULL, o->words[0]);
	if (rc == 0)
		rc = files_read(&signature, NULL, beside);
	status = rc == 0 ? verify(&statement, &signature, o)
			 : complain(o->words[0], rxp_err_text(rc), CONFORM_USAGE);
	rxp_buf_free(&signature);
	rxp_buf_free(&statement);
	return status;
}
