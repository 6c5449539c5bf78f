#include "protocol/test/fault/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlmemory.h>
#include <openssl/crypto.h>

#include "protocol/seal/sound.h"

#define WHERE_TEXT 128

static struct {
	bool armed, all_behind;
	uint64_t asked, nth;
	int64_t blocks;
	const char *file; /* of OpenSSL, while it asks */
	int line;
	char where[WHERE_TEXT];
} fault;

/* What is given although it should fail: OpenSSL 3.0 does not look whether it was. */
static const struct {
	const char *file;
	int line;
	const char *reason;
} spared[] = {
    {"../providers/implementations/kdfs/sskdf.c", 293,
	"sskdf_new() writes to the context that it did not get (called by EVP_KDF_CTX_new)"},
};

/* The linker's names for what it put aside, and for what it calls instead. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

static bool is_spared(void)
{
	for (size_t i = 0; fault.file != NULL && i < sizeof spared / sizeof spared[0]; i++)
		if (fault.line == spared[i].line && strcmp(fault.file, spared[i].file) == 0)
			return true;
	return false;
}

static bool fails(void)
{
	if (!fault.armed)
		return false;
	fault.asked++;
	if (fault.asked == fault.nth && fault.file != NULL)
		snprintf(fault.where, sizeof fault.where, "%s:%d", fault.file, fault.line);
	if (fault.nth == 0 ||
	    (fault.all_behind ? fault.asked < fault.nth : fault.asked != fault.nth) || is_spared())
		return false;
	errno = ENOMEM;
	return true;
}

static void *counted(void *block)
{
	fault.blocks += block != NULL;
	return block;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : counted(__real_calloc(n, size));
}

void *__wrap_realloc(void *block, size_t size)
{
	if (fails())
		return NULL;
	return block == NULL ? counted(__real_realloc(NULL, size)) : __real_realloc(block, size);
}

void __wrap_free(void *block)
{
	fault.blocks -= block != NULL;
	__real_free(block);
}

/* OpenSSL tells from where it asks, and wants NULL for nothing. */
static void *ssl_realloc(void *block, size_t size, const char *file, int line)
{
	void *moved = NULL;

	fault.file = file;
	fault.line = line;
	if (size == 0)
		__wrap_free(block);
	else
		moved = __wrap_realloc(block, size);
	fault.file = NULL;
	fault.line = 0;
	return moved;
}

static void *ssl_malloc(size_t size, const char *file, int line)
{
	return ssl_realloc(NULL, size, file, line);
}

static void ssl_free(void *block, const char *file, int line)
{
	(void)file;
	(void)line;
	__wrap_free(block);
}

void fault_install(void)
{
	if (CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free) != 1)
		abort();
}

void fault_spare_xml(void)
{
	(void)xmlMemSetup(__real_free, __real_malloc, __real_realloc, strdup);
}

void fault_arm(uint64_t nth, bool all_behind)
{
	fault.asked = 0;
	fault.nth = nth;
	fault.all_behind = all_behind;
	rxp_keys_forget();
	snprintf(fault.where, sizeof fault.where, "our own code");
	fault.armed = true;
}

uint64_t fault_disarm(void)
{
	fault.armed = false;
	return fault.asked;
}

const char *fault_where(void)
{
	return fault.where;
}

int64_t fault_blocks(void)
{
	return fault.blocks;
}
