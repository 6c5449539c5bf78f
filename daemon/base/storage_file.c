#include "daemon/base/storage_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST "storage.key"
#define START "storage-"
#define END ".key"
#define DIGITS 4

unsigned storage_file_number(const char *name)
{
	const size_t start = strlen(START);
	const char *digits = name + start;
	char again[STORAGE_FILE_NAME];
	unsigned number;

	if (strcmp(name, FIRST) == 0)
		return 1;
	if (strncmp(name, START, start) != 0 || strspn(digits, "0123456789") > DIGITS)
		return 0;
	number = (unsigned)strtoul(digits, NULL, 10);
	if (number == 0)
		return 0;
	storage_file_name(again, number); /* one form of each number */
	return strcmp(again, name) == 0 ? number : 0;
}

void storage_file_name(char out[STORAGE_FILE_NAME], unsigned number)
{
	if (number == 1)
		snprintf(out, STORAGE_FILE_NAME, "%s", FIRST);
	else
		snprintf(out, STORAGE_FILE_NAME, START "%u" END, number);
}
