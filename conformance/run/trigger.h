/*
 * trigger - the command by which the product's people let the suite make their product send something.
 *
 * It is one of the shell, and is given words behind it: the case, what is wanted, and what that needs. Its standard input is empty.
 */
#ifndef CONFORM_TRIGGER_H
#define CONFORM_TRIGGER_H

#include <stddef.h>
#include <sys/types.h>

/* So many times what a step may take it may take itself: a program that starts, or people's own tools. */
#define TRIGGER_SLOWEST 3
/* Why a case is incomplete when it is pulled no more (cli/vain.h). */
#define TRIGGER_GIVEN_UP \
	"--trigger is started no more, since case after case waited in vain; --wait gives each more time"

/* Start it; words: up to a NULL, the first the case and the second what is wanted, which stand in the environment too, as
 * READMIT_CASE and READMIT_WANTED, with the party of the test State in READMIT_STATE. -1: it cannot be started. */
pid_t trigger_start(const char *command, const char *party, const char *const words[]);
/* End one that was started, with all that it started: what it was told would come when another case is tried. One that is asked to
 * end and does not is ended all the same, within seconds. */
void trigger_end(pid_t trigger);
/* The file that what is wanted names, of so many octets, as a file of the folder. Errors of picture_make() and files_write(). */
int trigger_picture(const char *dir, const char *name, size_t octets);

#endif
