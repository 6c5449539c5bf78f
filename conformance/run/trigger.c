#include "conformance/run/trigger.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/message/picture.h"
#include "conformance/state/files.h"
#include "protocol/base/buf.h"

#define MAX_COMMAND 4096
#define MAX_WORDS 8
#define MAX_WORD 1024
#define LOOK_MS 20
#define LAST_LOOKS 100 /* for one that puts something away before it ends */

/* Of a process group of its own, which the terminal does not listen to: to read from that would stop it. */
static bool read_nothing(void)
{
	int fd = open("/dev/null", O_RDONLY);
	bool good = fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO;

	if (fd > STDIN_FILENO)
		(void)close(fd);
	return good;
}

/* exec takes words that it may write to. */
static void become(const char *command, const char *party, const char *const words[])
{
	static char texts[MAX_WORDS][MAX_WORD];
	static char sh[] = "sh", dash_c[] = "-c", line[MAX_COMMAND];
	char *list[MAX_WORDS + 5] = {sh, dash_c, line, sh};
	int n = snprintf(line, sizeof line, "%s \"$@\"", command);

	for (size_t i = 0; i < MAX_WORDS && words[i] != NULL; i++) {
		(void)snprintf(texts[i], sizeof texts[i], "%s", words[i]);
		list[4 + i] = texts[i];
	}
	if (words[0] == NULL || words[1] == NULL || n < 0 || (size_t)n >= sizeof line ||
	    !read_nothing() || setenv("READMIT_CASE", words[0], 1) != 0 ||
	    setenv("READMIT_WANTED", words[1], 1) != 0 || setenv("READMIT_STATE", party, 1) != 0)
		_exit(127);
	(void)execv("/bin/sh", list);
	_exit(127);
}

pid_t trigger_start(const char *command, const char *party, const char *const words[])
{
	pid_t child = fork();

	if (child == 0) {
		(void)setpgid(0, 0);
		become(command, party, words);
	}
	if (child > 0)
		(void)setpgid(child, child); /* whichever of both comes first */
	return child;
}

void trigger_end(pid_t trigger)
{
	(void)kill(-trigger, SIGTERM);
	(void)kill(-trigger, SIGCONT); /* one that waits for the terminal */
	for (int i = 0; i < LAST_LOOKS; i++) {
		if (waitpid(trigger, NULL, WNOHANG) != 0)
			return;
		(void)poll(NULL, 0, LOOK_MS);
	}
	(void)kill(-trigger, SIGKILL);
	(void)waitpid(trigger, NULL, 0);
}

int trigger_picture(const char *dir, const char *name, size_t octets)
{
	struct rxp_buf picture;
	int rc;

	rxp_buf_init(&picture, octets);
	rc = picture_make(&picture, octets);
	if (rc == 0)
		rc = files_write(dir, name, &picture);
	rxp_buf_free(&picture);
	return rc;
}
