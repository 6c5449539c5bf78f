#include "daemon/registry/files/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/registry/limits.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define TOP "attachments"
#define STAGING TOP "/staging"
#define OUT TOP "/out"
#define IN TOP "/in"
#define BACKUP "backup" /* of keeping/backup.h */
#define NEW "new-"
#define ID_HEX (2 * RXP_ID_OCTETS + 1)

/* --- names --------------------------------------------------------------------------------------- */

void file_path_new(char out[FILE_PATH_MAX], const uint8_t id[16])
{
	char hex[ID_HEX];

	rxp_hex_put(hex, id, RXP_ID_OCTETS, false);
	snprintf(out, FILE_PATH_MAX, STAGING "/" NEW "%s", hex);
}

void file_path_part(char out[FILE_PATH_MAX], const char *party, const uint8_t digest[32])
{
	char hex[RXP_DIGEST_HEX];

	rxp_hex_put(hex, digest, RXP_DIGEST_OCTETS, false);
	snprintf(out, FILE_PATH_MAX, STAGING "/%.3s-%s", party, hex);
}

void file_path_whole(char out[FILE_PATH_MAX], const char *party, const uint8_t digest[32])
{
	char hex[RXP_DIGEST_HEX];

	rxp_hex_put(hex, digest, RXP_DIGEST_OCTETS, false);
	if (party[0] == '\0')
		snprintf(out, FILE_PATH_MAX, OUT "/%s", hex);
	else
		snprintf(out, FILE_PATH_MAX, IN "/%.3s-%s", party, hex);
}

/* The party and the digest of "<party>-<digest>". */
static int parse_peer(struct file_name *out, const char *name)
{
	char party[RXP_PARTY_TEXT] = {0};

	if (strnlen(name, RXP_PARTY_TEXT) < RXP_PARTY_TEXT || name[RXP_PARTY_TEXT - 1] != '-')
		return RXP_ERR_SYNTAX;
	memcpy(party, name, RXP_PARTY_TEXT - 1);
	if (!rxp_party_valid(party))
		return RXP_ERR_SYNTAX;
	memcpy(out->party, party, sizeof out->party);
	return rxp_hex_get(out->digest, sizeof out->digest, name + RXP_PARTY_TEXT, false);
}

static enum file_kind parse(struct file_name *out, const char *directory, const char *name)
{
	int rc;

	if (strcmp(directory, STAGING) == 0 && strncmp(name, NEW, strlen(NEW)) == 0)
		return FILE_NEW;
	if (strcmp(directory, OUT) == 0)
		rc = rxp_hex_get(out->digest, sizeof out->digest, name, false);
	else
		rc = parse_peer(out, name);
	if (rc != 0)
		return FILE_OTHER;
	return strcmp(directory, STAGING) == 0 ? FILE_PART : FILE_WHOLE;
}

/* --- directories --------------------------------------------------------------------------------- */

static const char *const directories[] = {TOP, STAGING, OUT, IN, BACKUP};

#define N_DIRECTORIES (sizeof directories / sizeof directories[0])

static int open_directory(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int sync_directory(const char *path)
{
	int fd = open_directory(path);
	int rc = fd >= 0 && fsync(fd) == 0 ? 0 : RXP_ERR_IO;

	if (fd >= 0)
		close(fd);
	return rc;
}

/* Act for the file system as this user, if root does; or as root again. A process that can do one and not the other must not
 * go on. */
static int act_as(uint32_t uid, uint32_t gid)
{
	if (uid != 0)
		return setegid(gid) == 0 && seteuid(uid) == 0 ? 0 : RXP_ERR_IO;
	if (seteuid(0) != 0 || setegid(0) != 0)
		abort();
	return 0;
}

/* Made by its owner: one that ends at any point leaves no folder that the owner could not use. */
static int make_directory(const char *path, uint32_t uid, uint32_t gid)
{
	bool for_other = uid != UINT32_MAX && uid != 0 && geteuid() == 0;
	int rc = for_other ? act_as(uid, gid) : 0;

	if (rc == 0 && mkdir(path, S_IRWXU) != 0 && errno != EEXIST)
		rc = RXP_ERR_IO;
	if (for_other)
		(void)act_as(0, 0);
	return rc;
}

/* A lease must be refused while somebody writes, and given when nobody does. */
static int try_leases(void)
{
	const char *path = STAGING "/" NEW "lease";
	int reading, writing;
	int rc = file_stage(path, &reading, &writing);

	if (rc != 0)
		return rc;
	rc = file_settled(reading) == RXP_ERR_STATE ? 0 : RXP_ERR_UNSUPPORTED;
	close(writing);
	if (rc == 0 && file_settled(reading) != 0)
		rc = RXP_ERR_UNSUPPORTED;
	close(reading);
	file_remove(path);
	return rc;
}

int file_make_directories(uint32_t uid, uint32_t gid)
{
	int rc = 0;

	for (size_t i = 0; i < N_DIRECTORIES && rc == 0; i++)
		rc = make_directory(directories[i], uid, gid);
	if (rc == 0)
		rc = sync_directory(TOP);
	if (rc == 0)
		rc = sync_directory(".");
	return rc != 0 ? rc : try_leases();
}

static int each_of(const char *directory, file_fn *fn, void *arg)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	int rc = 0;

	if (dir == NULL)
		return RXP_ERR_IO;
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		struct file_name name = {.kind = FILE_OTHER};
		int len = snprintf(name.path, sizeof name.path, "%s/%s", directory, entry->d_name);

		if (entry->d_type == DT_DIR || len < 0 || (size_t)len >= sizeof name.path)
			continue;
		name.kind = parse(&name, directory, entry->d_name);
		rc = fn(arg, &name);
	}
	closedir(dir);
	return rc;
}

int file_each(file_fn *fn, void *arg)
{
	int rc = each_of(STAGING, fn, arg);

	if (rc == 0)
		rc = each_of(OUT, fn, arg);
	return rc != 0 ? rc : each_of(IN, fn, arg);
}

/* --- files --------------------------------------------------------------------------------------- */

int file_open(const char *path, int *out)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? RXP_ERR_NOT_FOUND : RXP_ERR_IO;
	*out = fd;
	return 0;
}

int file_stage(const char *path, int *read_fd, int *write_fd)
{
	int reading, writing;

	writing =
	    open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, (mode_t)(S_IRUSR | S_IWUSR));
	if (writing < 0)
		return RXP_ERR_IO;
	if (file_open(path, &reading) != 0) {
		close(writing);
		return RXP_ERR_IO;
	}
	*read_fd = reading;
	*write_fd = writing;
	return 0;
}

int file_settled(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_RDLCK) != 0)
		return errno == EAGAIN ? RXP_ERR_STATE : RXP_ERR_IO;
	return fcntl(fd, F_SETLEASE, F_UNLCK) == 0 ? 0 : RXP_ERR_IO;
}

int file_read(int fd, uint8_t *out, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t got = pread(fd, out, len, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return RXP_ERR_IO;
		out += got;
		len -= (size_t)got;
		at += (uint64_t)got;
	}
	return 0;
}

int file_length(int fd, uint64_t *length)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || st.st_size < 0)
		return RXP_ERR_IO;
	*length = (uint64_t)st.st_size;
	return 0;
}

int file_length_at(const char *path, uint64_t *length)
{
	int fd;
	int rc = file_open(path, &fd);

	if (rc == RXP_ERR_NOT_FOUND)
		*length = 0;
	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	rc = file_length(fd, length);
	close(fd);
	return rc;
}

int file_keep(int fd, const char *from, const char *to)
{
	char directory[FILE_PATH_MAX];
	const char *slash = strrchr(to, '/');

	snprintf(directory, sizeof directory, "%.*s", (int)(slash - to), to);
	if (fsync(fd) != 0 || rename(from, to) != 0)
		return RXP_ERR_IO;
	return sync_directory(directory);
}

void file_rename(const char *from, const char *to)
{
	(void)rename(from, to);
}

void file_remove(const char *path)
{
	(void)unlink(path);
}

int file_room(uint64_t octets)
{
	struct statvfs fs;
	int fd = open_directory(TOP);
	int rc = fd >= 0 && fstatvfs(fd, &fs) == 0 ? 0 : RXP_ERR_IO;

	if (fd >= 0)
		close(fd);
	if (rc != 0)
		return rc;
	return (uint64_t)fs.f_bavail * fs.f_frsize >= octets + REGISTRY_DISK_RESERVE_OCTETS
		   ? 0
		   : RXP_ERR_FULL;
}
