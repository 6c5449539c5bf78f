/*
 * flight_void - what is particular to a Void on its way out: whose final answer it brings, and what becomes of the
 * message that it names (spec/rxp-1.md section 31).
 */
#ifndef REGISTRY_FLIGHT_VOID_H
#define REGISTRY_FLIGHT_VOID_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/out/flight.h"

struct db;

/* Is the message a Void? */
bool flight_void_is(const struct store_outbox *row);

/* The MessageId that a Void of ours without a final answer names. RXP_ERR_DAMAGED, errors as in db.h. */
int flight_void_names(uint8_t message_id[16], struct db *db, const uint8_t local_id[16]);

/* Read the message that the Void names into f->voided; nothing is done for any other flight. RXP_ERR_DAMAGED: there is
 * none that is taken back. Errors as in db.h. */
int flight_void_look(struct flight *f, struct db *db);

/* What a verified answer to a Void means, into f->end: it is the answer to the message named, or one to the Void itself,
 * which refuses it or says "later". Errors of flight_judge(). */
int flight_void_judge(
    struct flight *f, const struct msg_answer_checked *a, const char *own, int64_t now_ms);

/* Inside the transaction that ends a try: the message named gets its final answer, or waits for a person if the
 * Void was refused. Nothing is done for any other flight. Errors as of flight_case_end(). */
int flight_void_end(struct flight *f, struct db *db, int64_t now_ms);

/* After its commit. */
void flight_void_ended(struct flight *f);

#endif
