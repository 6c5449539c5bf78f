/*
 * command - from the words of the command line to the command, by the table command.def.
 */
#ifndef CERTS_COMMAND_H
#define CERTS_COMMAND_H

enum { COMMAND_DONE = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 2 };

/* Run the command that argv[1] and, for most, argv[2] name. rxp_init() has been called. Returns an
 * exit status; every problem has been said on standard error. */
int command_run(int argc, char **argv);

#endif
