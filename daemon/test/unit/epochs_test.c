/*
 * Goal of this test: the storage keys of a key directory are found by their names alone, the present one first; one that is
 * destroyed is gone from the disk, in its octets and under each name, also where a crash came between; and nothing else is touched.
 *
 * links: parent
 */
#include <setjmp.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/parent/config.h"
#include "daemon/parent/epochs.h"
#include "protocol/base/err.h"

#define OCTETS 300 /* of a file: more than are written at once, and no multiple of them */

static char directory[sizeof "/tmp/epochs-test-XXXXXX"];
static struct config config; /* too large for a stack */

static const char *path_of(const char *name)
{
	static char path[sizeof config.key_dir + 64];

	snprintf(path, sizeof path, "%s/%s", config.key_dir, name);
	return path;
}

static void put(const char *name)
{
	char octets[OCTETS];
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	memset(octets, 'k', sizeof octets);
	assert_int_equal(write(fd, octets, sizeof octets), sizeof octets);
	close(fd);
}

static bool is_there(const char *name)
{
	struct stat st;

	return lstat(path_of(name), &st) == 0;
}

/* What was the file's, read by who had it open before. */
static void assert_octets(int fd, char value)
{
	char octets[OCTETS];

	assert_int_equal(pread(fd, octets, sizeof octets, 0), sizeof octets);
	for (size_t i = 0; i < sizeof octets; i++)
		assert_int_equal(octets[i], value);
}

static int opened(const char *name)
{
	int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static int make_directory(void **state)
{
	(void)state;
	snprintf(directory, sizeof directory, "/tmp/epochs-test-XXXXXX");
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(config.key_dir, sizeof config.key_dir, "%s", directory);
	return 0;
}

static int remove_directory(void **state)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;

	(void)state;
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_type != DT_DIR)
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	return rmdir(directory);
}

static void test_found(void **state)
{
	struct epochs e = {.n = 77};

	(void)state;
	put("tls.key");
	put("storage-.key");
	put("storage-7.key.over");
	assert_int_equal(epochs_list(&e, &config), RXP_ERR_NOT_FOUND);
	assert_int_equal(e.n, 77);
	put("storage-2.key");
	put("storage.key");
	put("storage-10.key");
	assert_int_equal(epochs_list(&e, &config), 0);
	assert_int_equal(e.n, 3);
	assert_int_equal(e.numbers[0], 10);
	assert_int_equal(e.numbers[1], 2);
	assert_int_equal(e.numbers[2], 1);
	put("storage-3.key");
	assert_int_equal(epochs_list(&e, &config), 0);
	assert_int_equal(e.n, SEALER_STORAGE_KEYS);
	put("storage-4.key");
	e.n = 77;
	assert_int_equal(epochs_list(&e, &config), RXP_ERR_FULL);
	assert_int_equal(e.n, 77);
	snprintf(config.key_dir, sizeof config.key_dir, "/nowhere");
	assert_int_equal(epochs_list(&e, &config), RXP_ERR_IO);
}

static void test_destroyed(void **state)
{
	int old, present;

	(void)state;
	put("storage.key");
	put("storage-2.key");
	old = opened("storage.key");
	present = opened("storage-2.key");
	assert_int_equal(epochs_destroy(&config, 1), 0);
	assert_false(is_there("storage.key"));
	assert_false(is_there("storage.key.over"));
	assert_octets(old, 0);
	assert_true(is_there("storage-2.key"));
	assert_octets(present, 'k');
	assert_int_equal(epochs_destroy(&config, 1), RXP_ERR_IO);
	assert_true(is_there("storage-2.key"));
	close(old);
	close(present);
}

/* Before it was put aside, a key may be used again; after that never, whatever comes between. */
static void test_after_a_crash(void **state)
{
	static const char *const others[] = {
	    "storage.key", "tls.key.over", "storage-2.key.overt", ".over"};
	int aside;

	(void)state;
	put("storage-2.key.over");
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		put(others[i]);
	aside = opened("storage-2.key.over");
	assert_int_equal(epochs_sweep(&config), 0);
	assert_false(is_there("storage-2.key.over"));
	assert_octets(aside, 0);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_true(is_there(others[i]));
	close(aside);
}

/* A link in its place leads to a file that is somebody else's. */
static void test_link(void **state)
{
	int other;

	(void)state;
	put("other");
	put("storage-2.key");
	other = opened("other");
	assert_int_equal(symlink("other", path_of("storage.key")), 0);
	assert_int_equal(epochs_destroy(&config, 1), RXP_ERR_IO);
	assert_octets(other, 'k');
	assert_true(is_there("storage.key.over"));
	close(other);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, make_directory, remove_directory)
	static const struct CMUnitTest tests[] = {
	    TEST(test_found),
	    TEST(test_destroyed),
	    TEST(test_after_a_crash),
	    TEST(test_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
