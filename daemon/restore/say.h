/*
 * say - why nothing is restored, on standard error.
 */
#ifndef RESTORE_SAY_H
#define RESTORE_SAY_H

/* Returns RXP_ERR_CONFIG: only a person can help. */
int say(const char *about, const char *why);
/* The words of errno. Returns RXP_ERR_IO. */
int say_errno(const char *about);

#endif
