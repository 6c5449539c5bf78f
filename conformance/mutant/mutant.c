#include "conformance/mutant/mutant.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_CARRIED 4096

static const _Atomic uint32_t none;
const _Atomic uint32_t *mutant_now = &none;

char *mutant_carried(void)
{
	static char text[MAX_CARRIED];
	const char *file = getenv(MUTANT_VARIABLE);

	if (file == NULL)
		return NULL;
	(void)snprintf(text, sizeof text, MUTANT_VARIABLE "=%s", file);
	return text;
}

/* Before main(), and so before any sandbox. */
__attribute__((constructor)) static void map_switch(void)
{
	const char *file = getenv(MUTANT_VARIABLE);
	int fd = file == NULL ? -1 : open(file, O_RDONLY | O_CLOEXEC);
	void *page;

	if (fd < 0)
		return;
	page = mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, fd, 0);
	if (page != MAP_FAILED)
		mutant_now = page;
	close(fd);
}
