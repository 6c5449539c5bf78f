/*
 * parent - the life of the daemon: a set of role processes, signals, restarts, reload.
 *
 * SIGTERM, SIGINT: drain and end. SIGHUP: a child checks the configuration; if it is right the set
 * is drained and a new one starts, otherwise the old goes on. A set that failed is started anew
 * after a pause; five failures within a minute end the daemon with status 70.
 */
#ifndef PARENT_PARENT_H
#define PARENT_PARENT_H

enum {
	PARENT_STATUS_OK = 0,
	PARENT_STATUS_FAILED = 1,
	PARENT_STATUS_USAGE = 2,
	PARENT_STATUS_GIVEN_UP = 70,
	PARENT_STATUS_CONFIG = 78,
};

/* Check the configuration file and what it names; print every problem. The exit status. */
int parent_check(const char *config_path);

/* Run the daemon until it is told to end. The exit status. */
int parent_run(const char *config_path);

#endif
