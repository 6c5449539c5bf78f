#include "certs/storage.h"

#include <dirent.h>
#include <stdio.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "certs/file.h"
#include "certs/options.h"
#include "certs/report.h"
#include "daemon/base/storage_file.h"
#include "daemon/base/storage_key.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* The highest number in the folder. RXP_ERR_NOT_FOUND: there is none. */
static int find_last(unsigned *last, const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	unsigned found = 0;

	if (dir == NULL)
		return RXP_ERR_NOT_FOUND;
	while ((entry = readdir(dir)) != NULL) {
		unsigned number = storage_file_number(entry->d_name);

		found = number > found ? number : found;
	}
	closedir(dir);
	*last = found;
	return found > 0 ? 0 : RXP_ERR_NOT_FOUND;
}

static int make_key(struct rxp_buf *file)
{
	uint8_t key[STORAGE_KEY_OCTETS];
	int rc = RAND_priv_bytes_ex(NULL, key, sizeof key, 0) == 1 ? 0 : RXP_ERR_CRYPTO;

	if (rc == 0)
		rc = storage_key_write(file, key);
	OPENSSL_cleanse(key, sizeof key);
	return rc;
}

int storage_next(const struct options *o)
{
	const char *folder = options_value(o, OPTION_OUT);
	char name[STORAGE_FILE_NAME], path[FILE_MAX_PATH];
	struct rxp_buf file;
	unsigned last = 0;
	int rc = find_last(&last, folder);

	if (rc != 0)
		return report_wrong(folder, "has no storage.key; storage new makes the first");
	if (last >= STORAGE_FILE_LAST)
		return report_wrong(folder, "has the last number there is");
	storage_file_name(name, last + 1);
	rxp_buf_init(&file, STORAGE_KEY_FILE_OCTETS);
	rc = file_path(path, folder, name);
	if (rc == 0)
		rc = make_key(&file);
	if (rc == 0)
		rc = file_create(path, &file);
	rxp_buf_free(&file);
	if (rc != 0)
		return report_failure(folder, rc);
	printf("%s\n", path);
	return 0;
}
