/*
 * ctl - one run of readmitctl: its streams, its way to the daemon, and the commands.
 *
 * Data goes to `out`, messages to `err`. A command returns the exit status (exit.def).
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stdio.h>

#include "daemon/ctl/args.h"
#include "daemon/ctl/call.h"
#include "daemon/ctl/web.h"

#define CTL_SOCKET "/run/readmitd/api.sock"

struct json_t;

struct ctl {
	FILE *in, *out, *err; /* borrowed */
	bool asks; /* a person sits at `in` */
	bool terminal; /* `err` is one */
	bool librxp; /* rxp_init() was called */
	call_fn *call;
	void *call_arg;
	web_fn *web; /* the way to a service outside */
	void *web_arg;
	const char *socket; /* set by ctl_run() */
	long answered; /* status of the last answer; 0: the last call got none */
	struct args args;
};

/* Read the command line and run the command. The socket is that of the options, of READMITD_SOCKET, or
 * CTL_SOCKET. */
enum exit_status ctl_run(struct ctl *c, int argc, const char *const *argv);

/*
 * Make the call of the command, or another, and judge the answer: EXIT_OK for a status of 2xx, and *json
 * is its body then (NULL if it is empty; owned by the caller). Otherwise says on err what is wrong and
 * what to do, and with --json prints the problem document.
 */
enum exit_status ctl_call(struct ctl *c, const struct call_request *request, struct json_t **json);

/* The same without judging a 2xx body: its octets, for what is not JSON. Caller frees *body. */
enum exit_status ctl_fetch(struct ctl *c, const struct call_request *request, struct rxp_buf *body);

/* Make librxp ready, for a command that verifies by itself; once. Complains if it cannot be. */
bool ctl_library(struct ctl *c);

/* Print the answer of the daemon if --json asks for it; says whether it did. */
bool ctl_json(struct ctl *c, const struct json_t *json);

/* A message for people, unless --quiet; and an error, always. Both end the line. */
void ctl_say(struct ctl *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ctl_complain(struct ctl *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define CTL_PATH_TEXT 320

/* The path of the command's row with its arguments, and the query of those options that go there. */
void ctl_path(const struct ctl *c, char out[CTL_PATH_TEXT]);

/* The header Readmit-Reason of the option. false: it is missing, which is complained of. */
#define CTL_REASON_TEXT 96
bool ctl_reason(struct ctl *c, char header[CTL_REASON_TEXT]);

#define COMMAND(name, noun, verb, argument, options, method, path, summary) \
	enum exit_status ctl_##name(struct ctl *c);
#include "daemon/ctl/command.def"
#undef COMMAND

#endif
