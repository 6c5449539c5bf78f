#include "daemon/registry/store/shape.h"

#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>
#include <sqlite3.h>

#include "daemon/registry/store/schema.h"
#include "protocol/base/err.h"

/* What a hand puts there under a name that SQLite keeps for itself works like any other. Only the figures that ANALYZE leaves may
 * be there: they change nothing but the way to a row. */
static const char texts[] =
    "SELECT quote(type) || quote(name) || quote(tbl_name) || quote(sql) FROM sqlite_schema "
    "WHERE NOT (type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4')) ORDER BY type, name";

/* Over each table and index, as SQLite keeps it. */
static int add_texts(EVP_MD_CTX *digest, sqlite3 *handle)
{
	sqlite3_stmt *s = NULL;
	int step = SQLITE_ERROR, rc = 0;

	if (sqlite3_prepare_v2(handle, texts, -1, &s, NULL) != SQLITE_OK)
		return RXP_ERR_DAMAGED;
	while (rc == 0 && (step = sqlite3_step(s)) == SQLITE_ROW) {
		const void *text = sqlite3_column_text(s, 0);
		size_t len = (size_t)sqlite3_column_bytes(s, 0);

		if (EVP_DigestUpdate(digest, text, len) != 1 ||
		    EVP_DigestUpdate(digest, ";", 1) != 1)
			rc = RXP_ERR_CRYPTO;
	}
	sqlite3_finalize(s);
	return rc == 0 && step != SQLITE_DONE ? RXP_ERR_DAMAGED : rc;
}

static int digest_of(uint8_t out[EVP_MAX_MD_SIZE], sqlite3 *handle)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	int rc = digest == NULL                              ? RXP_ERR_NOMEM
		 : EVP_DigestInit(digest, EVP_sha256()) == 1 ? 0
							     : RXP_ERR_CRYPTO;

	if (rc == 0)
		rc = add_texts(digest, handle);
	if (rc == 0 && EVP_DigestFinal(digest, out, NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	EVP_MD_CTX_free(digest);
	return rc;
}

/* An empty one, in memory. */
static int digest_of_ours(uint8_t out[EVP_MAX_MD_SIZE])
{
	sqlite3 *handle = NULL;
	const char *part;
	int rc = sqlite3_open(":memory:", &handle) == SQLITE_OK ? 0 : RXP_ERR_NOMEM;

	for (size_t i = 0; rc == 0 && (part = schema_text(i)) != NULL; i++)
		if (sqlite3_exec(handle, part, NULL, NULL, NULL) != SQLITE_OK)
			rc = RXP_ERR_NOMEM;
	if (rc == 0)
		rc = digest_of(out, handle);
	sqlite3_close(handle);
	return rc;
}

int shape_check(sqlite3 *handle)
{
	uint8_t is[EVP_MAX_MD_SIZE] = {0}, ours[EVP_MAX_MD_SIZE] = {0};
	int rc = digest_of(is, handle);

	if (rc == 0)
		rc = digest_of_ours(ours);
	return rc != 0 || memcmp(is, ours, sizeof is) == 0 ? rc : RXP_ERR_SCHEMA;
}
