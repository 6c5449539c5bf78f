/* Messages: lists of all, of the queue, of the inbox; one message; void, requeue, discard and ack. */
#include "daemon/ctl/confirm.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))

static const struct view_column FACTS[] = {
    {"local id", "local_id"},
    {"message id", "message_id"},
    {"direction", "direction"},
    {"peer", "peer"},
    {"type", "type"},
    {"state", "state"},
    {"created", "created"},
    {"expires", "expires"},
    {"attempts", "attempts"},
    {"next try", "next_try"},
    {"last error", "last_error"},
    {"refusal", "refusal"},
    {"received at", "received"},
    {"answered at", "answered"},
    {"flags", "flags"},
    {"log id", "log_id"},
    {"log count", "log_count"},
    {"case", "case_id"},
    {"position", "position"},
    {"fingerprint", "fingerprint"},
    {"the same, base64", "fingerprint_base64"},
    {"envelope digest", "envelope_digest"},
    {"final", "final"},
};

enum exit_status ctl_message_show(struct ctl *c)
{
	return list_facts(c, FACTS, N_OF(FACTS));
}

enum exit_status ctl_inbox_show(struct ctl *c)
{
	return list_facts(c, FACTS, N_OF(FACTS));
}

enum exit_status ctl_message_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"ID", "local_id"}, {"DIRECTION", "direction"},
	    {"PEER", "peer"}, {"TYPE", "type"}, {"STATE", "state"}, {"CREATED", "created"},
	    {"RECEIVED", "received"}, {"CASE", "case_id"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "messages");
}

enum exit_status ctl_queue_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"ID", "local_id"}, {"PEER", "peer"},
	    {"TYPE", "type"}, {"STATE", "state"}, {"ATTEMPTS", "attempts"},
	    {"NEXT TRY", "next_try"}, {"LAST ERROR", "last_error"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "messages in the queue");
}

enum exit_status ctl_inbox_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"ID", "local_id"}, {"PEER", "peer"},
	    {"TYPE", "type"}, {"STATE", "state"}, {"RECEIVED", "received"}, {"CASE", "case_id"},
	    {"UNPROVED", "unproved"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "messages in the inbox");
}

enum exit_status ctl_queue_requeue(struct ctl *c)
{
	return list_act(c, "in the queue again:");
}

enum exit_status ctl_queue_discard(struct ctl *c)
{
	enum exit_status status =
	    confirm(c, "discard", "It will never be sent, and its content is destroyed.");

	return status == EXIT_OK ? list_act(c, "discarded") : status;
}

enum exit_status ctl_message_void(struct ctl *c)
{
	enum exit_status status =
	    confirm(c, "take back", "It is not sent again, and the peer is asked to refuse it.");

	return status == EXIT_OK ? list_act(c, "taken back, unless the peer has it:") : status;
}

enum exit_status ctl_inbox_ack(struct ctl *c)
{
	return list_act(c, "taken over:");
}
