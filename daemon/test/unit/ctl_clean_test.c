/*
 * ctl_clean_test - goals: attachment check and attachment clean
 *   neither calls the daemon
 *   a clean file is said to be clean; of another the first part is named, never content, status 65
 *   a clean copy is written to a new, private file, with the kinds and sizes of what was taken out;
 *     it is clean, and cleaning it again changes nothing
 *   what cannot be cleaned leaves no file: other kinds, broken files, a PDF, which is told a way
 *   a file that the daemon refuses is named
 * links: ctl
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/test/unit/ctl_rig.h"

#define HEAD "\xff\xd8"
#define COMMENT "\xff\xfe\0\x12MARK of a secret"
#define EXIF \
	"\xff\xe1\0\x0c" \
	"Exif\0\0MARK"
#define PICTURE \
	"\xff\xc0\0\xb\x8\0\1\0\1\1\1\x11\0" \
	"\xff\xda\0\x8\1\1\0\0\x3f\0" \
	"coded data\xff\xd9"

static char folder[] = P_tmpdir "/ctl_clean_test.XXXXXX";

static int enter(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void write_file(const char *name, const char *octets, size_t len)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(octets, 1, len, f), len);
	fclose(f);
}

#define WRITE(name, literal) write_file(name, literal, sizeof(literal) - 1)

static void assert_file(const char *name, const char *octets, size_t len)
{
	char is[256];
	FILE *f = fopen(name, "r");
	struct stat facts;

	assert_non_null(f);
	assert_int_equal(fread(is, 1, sizeof(is), f), len);
	assert_memory_equal(is, octets, len);
	assert_int_equal(fstat(fileno(f), &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0600);
	fclose(f);
}

static void checks(void **state)
{
	struct daemon d = {.n_calls = 0};

	(void)state;
	WRITE("a.jpg", HEAD PICTURE);
	assert_int_equal(run(&d, "attachment|check|a.jpg"), EXIT_OK);
	assert_string_equal(d.out, "a.jpg: JPEG, clean\n");
	assert_int_equal(run(&d, "attachment|check|a.jpg|--json"), EXIT_OK);
	assert_string_equal(d.out, "{\"file\":\"a.jpg\",\"media_type\":\"image/jpeg\"}\n");
	WRITE("a.jpg", HEAD COMMENT PICTURE);
	assert_int_equal(run(&d, "attachment|check|a.jpg"), EXIT_INVALID);
	assert_string_equal(d.err, "readmitctl: a.jpg: not clean at octet 2: COM\n");
	WRITE("a.jpg", HEAD PICTURE "MARK");
	assert_int_equal(run(&d, "attachment|check|a.jpg"), EXIT_INVALID);
	assert_string_equal(
	    d.err, "readmitctl: a.jpg: not clean at octet 37: octets after the end\n");
	WRITE("a.jpg", HEAD "\xff");
	assert_int_equal(run(&d, "attachment|check|a.jpg"), EXIT_INVALID);
	assert_non_null(strstr(d.err, "not whole, or not of its kind at octet 3: "));
	WRITE("a.jpg", "GIF89a");
	assert_int_equal(run(&d, "attachment|check|a.jpg"), EXIT_INVALID);
	assert_int_equal(run(&d, "attachment|check|none.jpg"), EXIT_FAILED);
	assert_int_equal(d.n_calls, 0);
	unlink("a.jpg");
}

static void cleans(void **state)
{
	static const char TWICE[] = HEAD EXIF PICTURE "MARK";
	struct daemon d = {.n_calls = 0};

	(void)state;
	write_file("a.jpg", TWICE, sizeof(TWICE) - 1);
	assert_int_equal(run(&d, "attachment|clean|a.jpg|--out|b.jpg"), EXIT_OK);
	assert_string_equal(d.out, "removed: APP1 (Exif, XMP), 14 octets\n"
				   "removed: octets after the end, 4 octets\n");
	assert_file("b.jpg", HEAD PICTURE, sizeof(HEAD PICTURE) - 1);
	assert_int_equal(run(&d, "attachment|check|b.jpg"), EXIT_OK);
	assert_int_equal(run(&d, "attachment|clean|b.jpg|--out|c.jpg|--json"), EXIT_OK);
	assert_string_equal(d.out, "{\"file\":\"c.jpg\",\"removed\":[]}\n");
	assert_file("c.jpg", HEAD PICTURE, sizeof(HEAD PICTURE) - 1);
	assert_int_equal(run(&d, "attachment|clean|a.jpg|--out|c.jpg"), EXIT_FAILED);
	assert_int_equal(d.n_calls, 0);
	unlink("a.jpg");
	unlink("b.jpg");
	unlink("c.jpg");
}

static void does_not_clean(void **state)
{
	struct daemon d = {.n_calls = 0};

	(void)state;
	WRITE("a", HEAD COMMENT);
	assert_int_equal(run(&d, "attachment|clean|a"), EXIT_USAGE);
	assert_int_equal(run(&d, "attachment|clean|a|--out|b"), EXIT_INVALID);
	assert_string_equal(d.out, "");
	WRITE("a", "GIF89a");
	assert_int_equal(run(&d, "attachment|clean|a|--out|b"), EXIT_INVALID);
	WRITE("a", "%PDF-1.7\n");
	assert_int_equal(run(&d, "attachment|clean|a|--out|b"), EXIT_INVALID);
	assert_string_equal(
	    d.err, "readmitctl: a PDF cannot be cleaned: convert its pages to pictures\n");
	assert_int_equal(run(&d, "attachment|check|a"), EXIT_INVALID);
	assert_non_null(strstr(d.err, "convert its pages to pictures\n"));
	assert_int_equal(access("b", F_OK), -1);
	assert_int_equal(d.n_calls, 0);
	unlink("a");
}

static void names_the_file(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 422, "{\"title\":\"T\",\"reason\":\"at octet 2: COM\",\"detail\":\"D.\"}");
	WRITE("a.jpg", HEAD COMMENT PICTURE);
	WRITE("a.xml", "<A/>");
	assert_int_equal(run(&d, "message|send|a.xml|--to|QMB|--attach|a.jpg|--as|photograph|"
				 "--checked-by|legal-officer"),
	    EXIT_INVALID);
	assert_string_equal(d.err, "readmitctl: T: at octet 2: COM\nreadmitctl: D.\n"
				   "readmitctl: this was about a.jpg\n");
	unlink("a.jpg");
	unlink("a.xml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(checks),
	    cmocka_unit_test(cleans),
	    cmocka_unit_test(does_not_clean),
	    cmocka_unit_test(names_the_file),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
