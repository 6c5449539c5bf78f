#include "daemon/test/fault/disk.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

static struct {
	bool armed, all_behind, failed;
	enum disk_fault fault;
	unsigned nth, seen;
} disk;

/* Behind it in memory stands the system's own file. */
struct file {
	sqlite3_file base;
	sqlite3_file *real;
};

static sqlite3_vfs *system_vfs;
static sqlite3_vfs vfs;

static bool fails(enum disk_fault fault)
{
	if (!disk.armed || disk.fault != fault)
		return false;
	disk.seen++;
	if (disk.all_behind ? disk.seen < disk.nth : disk.seen != disk.nth)
		return false;
	disk.failed = true;
	return true;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct file *)(void *)file)->real;
}

#define CALL(file, method, ...) real_of(file)->pMethods->method(real_of(file), __VA_ARGS__)

static int on_read(sqlite3_file *file, void *octets, int len, sqlite3_int64 at)
{
	return fails(DISK_READ) ? SQLITE_IOERR_READ : CALL(file, xRead, octets, len, at);
}

static int on_write(sqlite3_file *file, const void *octets, int len, sqlite3_int64 at)
{
	sqlite3_int64 size = 0;

	if (fails(DISK_WRITE))
		return SQLITE_IOERR_WRITE;
	if (CALL(file, xFileSize, &size) == SQLITE_OK && at + len > size && fails(DISK_FULL))
		return SQLITE_FULL;
	return CALL(file, xWrite, octets, len, at);
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return fails(DISK_TRUNCATE) ? SQLITE_IOERR_TRUNCATE : CALL(file, xTruncate, size);
}

static int on_sync(sqlite3_file *file, int flags)
{
	return fails(DISK_SYNC) ? SQLITE_IOERR_FSYNC : CALL(file, xSync, flags);
}

/* --- all else goes through ------------------------------------------------------------------------ */

static int on_close(sqlite3_file *file)
{
	sqlite3_file *real = real_of(file);

	return real->pMethods == NULL ? SQLITE_OK : real->pMethods->xClose(real);
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return CALL(file, xFileSize, size);
}

static int on_lock(sqlite3_file *file, int level)
{
	return CALL(file, xLock, level);
}

static int on_unlock(sqlite3_file *file, int level)
{
	return CALL(file, xUnlock, level);
}

static int on_reserved(sqlite3_file *file, int *out)
{
	return CALL(file, xCheckReservedLock, out);
}

static int on_control(sqlite3_file *file, int operation, void *arg)
{
	return CALL(file, xFileControl, operation, arg);
}

static int on_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int on_device(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_reserved,
    .xFileControl = on_control,
    .xSectorSize = on_sector,
    .xDeviceCharacteristics = on_device,
};

static int on_open(sqlite3_vfs *self, const char *name, sqlite3_file *opened, int flags, int *got)
{
	struct file *file = (struct file *)(void *)opened;
	int rc;

	(void)self;
	memset(file, 0, (size_t)vfs.szOsFile);
	file->real = (sqlite3_file *)(void *)(file + 1);
	rc = system_vfs->xOpen(system_vfs, name, file->real, flags, got);
	if (file->real->pMethods != NULL)
		file->base.pMethods = &methods;
	return rc;
}

void disk_install(void)
{
	system_vfs = sqlite3_vfs_find(NULL);
	if (system_vfs == NULL)
		abort();
	vfs = *system_vfs; /* its other methods look at no file of ours */
	vfs.zName = "disk";
	vfs.szOsFile = (int)sizeof(struct file) + system_vfs->szOsFile;
	vfs.xOpen = on_open;
	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		abort();
}

const char *disk_fault_name(enum disk_fault fault)
{
	static const char *const names[DISK_FAULTS] = {"read", "write", "sync", "truncate", "full"};

	return names[fault];
}

void disk_arm(enum disk_fault fault, unsigned nth, bool all_behind)
{
	disk.fault = fault;
	disk.nth = nth;
	disk.all_behind = all_behind;
	disk.seen = 0;
	disk.failed = false;
	disk.armed = true;
}

bool disk_disarm(void)
{
	disk.armed = false;
	return disk.failed;
}
