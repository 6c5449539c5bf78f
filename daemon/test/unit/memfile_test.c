/*
 * Goals: what is made can be mapped and is the same; nobody can change it; a file that lacks one seal,
 * an empty one and one over the bound are refused, while their sealed twin is mapped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/base/memfile.h"
#include "protocol/base/err.h"

static const uint8_t text[] = "octets that stay";

static void test_round_trip(void **state)
{
	uint8_t *octets = NULL;
	size_t len = 0;
	int fd = -1;

	(void)state;
	assert_int_equal(memfile_make(&fd, "test", text, sizeof text), 0);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(ftruncate(fd, 1), -1);
	assert_int_equal(memfile_map(&octets, &len, fd, sizeof text), 0);
	close(fd);
	assert_int_equal(len, sizeof text);
	assert_memory_equal(octets, text, len);
	memfile_unmap(octets, len);
	memfile_unmap(NULL, 0);
}

static void test_bounds(void **state)
{
	uint8_t *octets = NULL;
	size_t len = 0;
	int fd = -1;

	(void)state;
	assert_int_equal(memfile_make(&fd, "test", text, sizeof text), 0);
	assert_int_equal(memfile_map(&octets, &len, fd, sizeof text - 1), RXP_ERR_BOUND);
	close(fd);
	assert_int_equal(memfile_make(&fd, "test", text, 0), 0);
	assert_int_equal(memfile_map(&octets, &len, fd, sizeof text), RXP_ERR_PEER);
	close(fd);
	assert_null(octets);
}

static void test_each_seal_counts(void **state)
{
	static const int seals[] = {F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE};
	const int all = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

	(void)state;
	for (size_t left_out = 0; left_out <= sizeof seals / sizeof seals[0]; left_out++) {
		int given = left_out < 4 ? all & ~seals[left_out] : all;
		uint8_t *octets = NULL;
		size_t len = 0;
		int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

		assert_true(fd >= 0);
		assert_int_equal(write(fd, text, sizeof text), sizeof text);
		assert_int_equal(fcntl(fd, F_ADD_SEALS, given), 0);
		assert_int_equal(
		    memfile_map(&octets, &len, fd, sizeof text), given == all ? 0 : RXP_ERR_PEER);
		memfile_unmap(octets, len);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_each_seal_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
