#include "daemon/base/storage_key.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

static const uint8_t check_text[] = "readmit storage key check";
static const uint8_t tables_text[] = "readmit key of tables";

int storage_key_read(uint8_t out[STORAGE_KEY_OCTETS], const struct rxp_buf *file)
{
	char digits[STORAGE_KEY_FILE_OCTETS];
	int rc;

	if (file->len != sizeof digits || file->data[sizeof digits - 1] != '\n')
		return RXP_ERR_KEY;
	memcpy(digits, file->data, sizeof digits);
	digits[sizeof digits - 1] = '\0';
	rc = rxp_hex_get(out, STORAGE_KEY_OCTETS, digits, false);
	OPENSSL_cleanse(digits, sizeof digits);
	return rc == 0 ? 0 : RXP_ERR_KEY;
}

int storage_key_write(struct rxp_buf *file, const uint8_t key[STORAGE_KEY_OCTETS])
{
	char digits[STORAGE_KEY_FILE_OCTETS];

	rxp_hex_put(digits, key, STORAGE_KEY_OCTETS, false);
	rxp_buf_puts(file, digits);
	OPENSSL_cleanse(digits, sizeof digits);
	return rxp_buf_putc(file, '\n');
}

static int derive(uint8_t *out, const uint8_t *key, const uint8_t *text, size_t len)
{
	return HMAC(EVP_sha256(), key, STORAGE_KEY_OCTETS, text, len, out, NULL) != NULL
		   ? 0
		   : RXP_ERR_CRYPTO;
}

int storage_key_tables(uint8_t out[STORAGE_KEY_OCTETS], const uint8_t key[STORAGE_KEY_OCTETS])
{
	return derive(out, key, tables_text, sizeof tables_text - 1);
}

int storage_key_check(uint8_t out[STORAGE_KEY_CHECK_OCTETS], const uint8_t key[STORAGE_KEY_OCTETS])
{
	return derive(out, key, check_text, sizeof check_text - 1);
}
