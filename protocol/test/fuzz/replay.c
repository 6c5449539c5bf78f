/*
 * replay - give every file of the folders named to a fuzz target, once: replay FOLDER...
 *
 * Fails if there is no file at all. A target that finds something aborts.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/limits.h"
#include "protocol/test/fuzz/fuzz.h"

#define MAX_INPUT_OCTETS (4UL * RXP_MAX_ENVELOPE_OCTETS)
#define MAX_PATH_TEXT 512

/* Returns how many inputs were given. The octets stand alone in memory of their exact size, so that
 * AddressSanitizer sees the first one read behind them. */
static unsigned replay_file(const char *path)
{
	static uint8_t read_here[MAX_INPUT_OCTETS];
	FILE *file = fopen(path, "rb");
	uint8_t *octets;
	size_t len;

	if (file == NULL)
		return 0;
	len = fread(read_here, 1, sizeof read_here, file);
	fclose(file);
	octets = malloc(len > 0 ? len : 1);
	MUST(octets != NULL);
	memcpy(octets, read_here, len);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(octets, len);
	free(octets);
	return 1;
}

static unsigned replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	unsigned count = 0;

	if (dir == NULL) {
		perror(folder);
		exit(1);
	}
	while ((entry = readdir(dir)) != NULL) {
		char path[MAX_PATH_TEXT];

		if (entry->d_type != DT_REG)
			continue;
		MUST((size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) <
		     sizeof path);
		count += replay_file(path);
	}
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	unsigned count = 0;

	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		count += replay_folder(argv[i]);
	printf("%u inputs\n", count);
	return count > 0 ? 0 : 1;
}
