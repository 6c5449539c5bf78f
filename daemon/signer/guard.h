/*
 * guard - the end of a process whose PKCS#11 module does not come back.
 *
 * A module is foreign code that waits for a device or a line. Its process ends itself by SIGKILL, which no handler and
 * no mask of the module can keep off; the parent sees that, says so, and starts another.
 */
#ifndef SIGNER_GUARD_H
#define SIGNER_GUARD_H

/* Before the sandbox. RXP_ERR_IO. */
int guard_prepare(void);

/* From now on until guard_end() the process has SIGNER_CALL_MS. */
void guard_begin(void);
void guard_end(void);

#endif
